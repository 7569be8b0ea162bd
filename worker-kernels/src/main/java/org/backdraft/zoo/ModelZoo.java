package org.backdraft.zoo;

import java.util.List;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;

/** The networks that are known by name. */
public final class ModelZoo {
  private ModelZoo() {}

  /** All names, sorted. */
  public static List<String> names() {
    throw new UnsupportedOperationException();
  }

  /** The shape that the network was published for: {@code (1, 28, 28)} for {@code lenet5}. */
  public static Shape defaultInput(String name) {
    throw new UnsupportedOperationException();
  }

  /** The number of classes that it was published for. */
  public static int defaultClasses(String name) {
    throw new UnsupportedOperationException();
  }

  /**
   * Builds a network.
   *
   * @throws IllegalArgumentException if no network has that name
   * @throws org.backdraft.nn.ShapeException if it cannot take the input
   */
  public static Network create(String name, Shape input, int classes) {
    throw new UnsupportedOperationException();
  }
}
