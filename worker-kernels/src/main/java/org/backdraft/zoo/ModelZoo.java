package org.backdraft.zoo;

import static org.backdraft.zoo.ModelOptions.AUXILIARY;
import static org.backdraft.zoo.ModelOptions.DROPOUT;
import static org.backdraft.zoo.ModelOptions.WIDTH;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;

/**
 * The networks that are known by name. Behind a name may stand settings, {@code unet:width=0.25}:
 * see {@link #settings}.
 */
public final class ModelZoo {
  private record Model(
      String name, Shape input, int classes, Map<String, String> settings, Builder builder) {}

  private interface Builder {
    Network build(Shape input, int classes, ModelOptions options);
  }

  private static final Shape TEXT = Shape.of(32);
  private static final Shape DIGIT = Shape.of(1, 28, 28);
  private static final Shape SMALL_IMAGE = Shape.of(3, 32, 32);
  private static final Shape IMAGE = Shape.of(3, 224, 224);
  private static final Shape LARGE_IMAGE = Shape.of(3, 299, 299);
  private static final Shape CLIP = Shape.of(3, 16, 112, 112);
  private static final Shape SLICE = Shape.of(1, 256, 256);
  private static final int TEXT_CLASSES = 4;
  private static final int IMAGENET_CLASSES = 1000;
  private static final int UCF_CLASSES = 101;

  private static final Map<String, String> WIDE = Map.of(WIDTH, "1");

  /** Sorted by name. */
  private static final List<Model> MODELS = models();

  private ModelZoo() {}

  private static List<Model> models() {
    List<Model> all = new ArrayList<>();
    all.add(
        new Model("bag-of-words", TEXT, TEXT_CLASSES, BagOfWords.SETTINGS, BagOfWords::network));
    all.add(digits("lenet5", WIDE, LeNet::modern));
    all.add(digits("lenet5-1998", WIDE, LeNet::original));
    all.add(digits("mlp", Mlp.SETTINGS, Mlp::network));
    all.add(digits("softmax-regression", Map.of(), Mlp::linear));
    for (int depth : ResNetCifar.DEPTHS) {
      String name = "resnet" + depth;
      all.add(
          small(
              name,
              ResNetCifar.SETTINGS,
              (input, classes, options) ->
                  ResNetCifar.network(name, depth, input, classes, options)));
    }
    all.add(small("resnet-cifar", ResNetCifar.DEEP_SETTINGS, ResNetCifar::ofAnyDepth));
    for (int depth : PreActivationResNet.DEPTHS) {
      all.add(
          small(
              "preresnet" + depth,
              WIDE,
              (input, classes, options) ->
                  PreActivationResNet.network(depth, input, classes, options)));
    }
    all.add(small("preresnet", PreActivationResNet.DEEP_SETTINGS, PreActivationResNet::ofAnyDepth));
    all.add(images("resnet18", WIDE, ResNet::resnet18));
    all.add(images("resnet34", WIDE, ResNet::resnet34));
    all.add(images("resnet50", WIDE, ResNet::resnet50));
    all.add(images("resnet101", WIDE, ResNet::resnet101));
    all.add(images("resnet152", WIDE, ResNet::resnet152));
    Map<String, String> halves = Map.of(WIDTH, "1", DROPOUT, "0.5");
    all.add(images("alexnet", halves, AlexNet::network));
    all.add(images("alexnet-2012", halves, AlexNet2012::network));
    for (int depth : Vgg.DEPTHS) {
      all.add(
          images(
              "vgg" + depth,
              halves,
              (input, classes, options) -> Vgg.network(depth, false, input, classes, options)));
      all.add(
          images(
              "vgg" + depth + "_bn",
              halves,
              (input, classes, options) -> Vgg.network(depth, true, input, classes, options)));
    }
    all.add(
        images(
            "googlenet", Map.of(WIDTH, "1", DROPOUT, "0.2", AUXILIARY, "0"), GoogLeNet::network));
    all.add(images("mobilenet_v2", Map.of(WIDTH, "1", DROPOUT, "0.2"), MobileNetV2::network));
    for (int depth : DenseNet.DEPTHS) {
      all.add(
          images(
              "densenet" + depth,
              Map.of(WIDTH, "1", DROPOUT, "0"),
              (input, classes, options) -> DenseNet.network(depth, input, classes, options)));
    }
    all.add(
        new Model(
            "inception_v3",
            LARGE_IMAGE,
            IMAGENET_CLASSES,
            Map.of(WIDTH, "1", DROPOUT, "0.5", AUXILIARY, "0"),
            InceptionV3::network));
    all.add(new Model("c3d", CLIP, UCF_CLASSES, halves, C3d::network));
    all.add(new Model("unet", SLICE, 2, UNet.SETTINGS, UNet::transposed));
    all.add(new Model("unet-bilinear", SLICE, 2, UNet.SETTINGS, UNet::bilinear));
    all.sort(Comparator.comparing(Model::name));
    return List.copyOf(all);
  }

  private static Model digits(String name, Map<String, String> settings, Builder builder) {
    return new Model(name, DIGIT, 10, settings, builder);
  }

  private static Model small(String name, Map<String, String> settings, Builder builder) {
    return new Model(name, SMALL_IMAGE, 10, settings, builder);
  }

  private static Model images(String name, Map<String, String> settings, Builder builder) {
    return new Model(name, IMAGE, IMAGENET_CLASSES, settings, builder);
  }

  /** All names, sorted. */
  public static List<String> names() {
    return MODELS.stream().map(Model::name).toList();
  }

  /** What stands before the settings: {@code unet} for {@code unet:width=0.25}. */
  public static String nameOf(String model) {
    int colon = model.indexOf(':');
    return colon < 0 ? model : model.substring(0, colon);
  }

  /** The settings that may stand behind a name. */
  public static Set<String> settings(String model) {
    return Set.copyOf(model(model).settings().keySet());
  }

  /** The shape that the network was published for: {@code (1, 28, 28)} for {@code lenet5}. */
  public static Shape defaultInput(String model) {
    return model(model).input();
  }

  /** The number of classes that it was published for. */
  public static int defaultClasses(String model) {
    return model(model).classes();
  }

  /**
   * Says whether {@link #create} can make sense of a name and its settings.
   *
   * @throws IllegalArgumentException if no network has that name, or a setting is refused
   */
  public static void check(String model) {
    Network unused = create(model, defaultInput(model), defaultClasses(model));
  }

  /**
   * Builds a network.
   *
   * @param model its name, and settings: {@code lenet5}, {@code lenet5:width=0.25}
   * @throws IllegalArgumentException if no network has that name, or a setting is refused
   * @throws org.backdraft.nn.ShapeException if it cannot take the input
   */
  public static Network create(String model, Shape input, int classes) {
    Model found = model(model);
    return found.builder().build(input, classes, options(model, found));
  }

  private static ModelOptions options(String model, Model found) {
    String name = nameOf(model);
    String text = model.length() > name.length() ? model.substring(name.length() + 1) : "";
    return ModelOptions.parse(name, text, found.settings());
  }

  private static Model model(String model) {
    String name = nameOf(model);
    for (Model each : MODELS) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "There is no model named '%s': there are %s.".formatted(name, names()));
  }
}
