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

  /** Sorted by name. */
  private static final List<Model> MODELS =
      List.of(
          new Model("lenet5", Shape.of(1, 28, 28), 10, LeNet::modern),
          new Model("lenet5-1998", Shape.of(1, 28, 28), 10, LeNet::original),
          new Model("mlp", Shape.of(1, 28, 28), 10, Mlp::network),
          new Model("resnet20", Shape.of(3, 32, 32), 10, ResNetCifar::resnet20),
          new Model("vgg16", Shape.of(3, 224, 224), 1000, Vgg::vgg16));

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
