package org.backdraft.driver;

import java.util.Optional;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;

/** Builds the network for the data that it is to be trained or tested on. */
@FunctionalInterface
public interface NetworkFactory {
  /**
   * @param input the logical shape of one example
   * @param classes the number of classes
   * @throws IllegalArgumentException if the network cannot take that input (a {@link
   *     org.backdraft.nn.ShapeException} among them)
   */
  Network create(Shape input, int classes);

  /** The shape that the network was made for, which pictures of any size can be given. */
  default Optional<Shape> input() {
    return Optional.empty();
  }
}
