package org.backdraft.zoo;

import java.util.List;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;

/** The networks that are known by name. */
public final class ModelZoo {
  private record Model(String name, Shape input, int classes, Builder builder) {}

  private interface Builder {
    Network build(Shape input, int classes);
  }

  private static final Shape DIGIT = Shape.of(1, 28, 28);
  private static final Shape SMALL_IMAGE = Shape.of(3, 32, 32);
  private static final Shape IMAGE = Shape.of(3, 224, 224);
  private static final Shape CLIP = Shape.of(3, 16, 112, 112);
  private static final Shape SLICE = Shape.of(1, 256, 256);
  private static final int IMAGENET_CLASSES = 1000;
  private static final int UCF_CLASSES = 101;

  /** Sorted by name. */
  private static final List<Model> MODELS =
      List.of(
          new Model("alexnet", IMAGE, IMAGENET_CLASSES, AlexNet::network),
          new Model("c3d", CLIP, UCF_CLASSES, C3d::network),
          new Model("googlenet", IMAGE, IMAGENET_CLASSES, GoogLeNet::network),
          new Model("lenet5", DIGIT, 10, LeNet::modern),
          new Model("lenet5-1998", DIGIT, 10, LeNet::original),
          new Model("mlp", DIGIT, 10, Mlp::network),
          new Model("resnet101", IMAGE, IMAGENET_CLASSES, ResNet::resnet101),
          new Model("resnet152", IMAGE, IMAGENET_CLASSES, ResNet::resnet152),
          new Model("resnet18", IMAGE, IMAGENET_CLASSES, ResNet::resnet18),
          new Model("resnet20", SMALL_IMAGE, 10, ResNetCifar::resnet20),
          new Model("resnet34", IMAGE, IMAGENET_CLASSES, ResNet::resnet34),
          new Model("resnet50", IMAGE, IMAGENET_CLASSES, ResNet::resnet50),
          new Model("softmax-regression", DIGIT, 10, Mlp::withoutHiddenLayer),
          new Model("unet", SLICE, 2, UNet::transposed),
          new Model("unet-bilinear", SLICE, 2, UNet::bilinear),
          new Model("vgg11", IMAGE, IMAGENET_CLASSES, Vgg::vgg11),
          new Model("vgg13", IMAGE, IMAGENET_CLASSES, Vgg::vgg13),
          new Model("vgg16", IMAGE, IMAGENET_CLASSES, Vgg::vgg16),
          new Model("vgg19", IMAGE, IMAGENET_CLASSES, Vgg::vgg19));

  private ModelZoo() {}

  /** All names, sorted. */
  public static List<String> names() {
    return MODELS.stream().map(Model::name).toList();
  }

  /** The shape that the network was published for: {@code (1, 28, 28)} for {@code lenet5}. */
  public static Shape defaultInput(String name) {
    return model(name).input();
  }

  /** The number of classes that it was published for. */
  public static int defaultClasses(String name) {
    return model(name).classes();
  }

  /**
   * Builds a network.
   *
   * @throws IllegalArgumentException if no network has that name
   * @throws org.backdraft.nn.ShapeException if it cannot take the input
   */
  public static Network create(String name, Shape input, int classes) {
    return model(name).builder().build(input, classes);
  }

  private static Model model(String name) {
    for (Model model : MODELS) {
      if (model.name().equals(name)) {
        return model;
      }
    }
    throw new IllegalArgumentException(
        "There is no model named '%s': there are %s.".formatted(name, names()));
  }
}
