package org.backdraft.driver;

import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;

/** Small networks for 8×8 images. */
final class TestNets {
  private TestNets() {}

  static Network plain(Shape input, int classes) {
    return Network.named("plain", input)
        .add("conv1", Conv2d.of(3, 3).padding(1))
        .add("relu1", Activation.relu())
        .add("pool1", MaxPool2d.of(2))
        .add("flatten", new Flatten())
        .add("fc1", Linear.of(classes))
        .build();
  }

  /** Half of the inputs of its one layer are dropped. */
  static Network dropping(Shape input, int classes) {
    return Network.named("dropping", input)
        .add("flatten", new Flatten())
        .add("drop", new Dropout(0.5f))
        .add("fc1", Linear.of(classes))
        .build();
  }

  /** What makes exactness hard: batch statistics, running statistics, random numbers. */
  static Network normalized(Shape input, int classes) {
    return Network.named("normalized", input)
        .add("conv1", Conv2d.of(3, 3).padding(1))
        .add("bn1", new BatchNorm2d())
        .add("relu1", Activation.relu())
        .add("pool1", MaxPool2d.of(2))
        .add("flatten", new Flatten())
        .add("drop", new Dropout(0.3f))
        .add("fc1", Linear.of(11))
        .add("relu2", Activation.relu())
        .add("fc2", Linear.of(classes))
        .build();
  }

  /** Enough parameters for ten blocks of a parameter server, with batch statistics among them. */
  static Network wide(Shape input, int classes) {
    return Network.named("wide", input)
        .add("conv1", Conv2d.of(3, 3).padding(1))
        .add("bn1", new BatchNorm2d())
        .add("relu1", Activation.relu())
        .add("flatten", new Flatten())
        .add("drop", new Dropout(0.3f))
        .add("fc1", Linear.of(211))
        .add("relu2", Activation.relu())
        .add("fc2", Linear.of(classes))
        .build();
  }
}
