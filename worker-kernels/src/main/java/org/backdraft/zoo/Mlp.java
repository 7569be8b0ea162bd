package org.backdraft.zoo;

import org.backdraft.nn.Activation;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;

/** Multi-layer perceptrons, which flatten images. */
final class Mlp {
  private Mlp() {}

  /** Two hidden layers of 512 rectified units. */
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

  /** No hidden layer: with {@code softmax-cross-entropy} the loss is a convex function of it. */
  static Network withoutHiddenLayer(Shape input, int classes) {
    return Network.named("softmax-regression", input)
        .add("flatten", new Flatten())
        .add("fc", Linear.of(classes))
        .build();
  }
}
