package org.backdraft.zoo;

import org.backdraft.nn.Activation;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;

/** A multi-layer perceptron with two hidden layers of 512 rectified units; flattens images. */
final class Mlp {
  private Mlp() {}

  static Network network(Shape input, int classes) {
    return Network.named("mlp", input)
        .add("flatten", new Flatten())
        .add("fc1", Linear.of(512))
        .add("relu1", Activation.relu())
        .add("fc2", Linear.of(512))
        .add("relu2", Activation.relu())
        .add("fc3", Linear.of(classes))
        .build();
  }
}
