package org.backdraft.zoo;

import org.backdraft.kernel.Window;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AdaptiveAveragePool2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.tensor.Shape;

/**
 * AlexNet in torchvision's form, that of Krizhevsky 2014, <em>One weird trick for parallelizing
 * convolutional neural networks</em>: 64 to 384 channels in one column and no local response
 * normalisation; 61 100 840 parameters for 224×224 colour images and 1000 classes. Parameters have
 * torchvision's names: {@code features.0.weight}, {@code classifier.6.bias}. For images of another
 * size there is torchvision's adaptive pooling to 6×6, which is the identity for 224×224 and left
 * out there.
 */
final class AlexNet {
  private static final Window POOL = Window.square(3, 2, 0);

  /** Rows and columns of what the first linear layer takes, for images of any size. */
  private static final int POOLED = 6;

  private AlexNet() {}

  static Network network(Shape input, int classes, ModelOptions options) {
    NetworkBuilder builder =
        Network.named("alexnet", input)
            .add("features.0", Conv2d.of(options.channels(64), 11).stride(4).padding(2))
            .add("features.1", Activation.relu())
            .add("features.2", new MaxPool2d(POOL))
            .add("features.3", Conv2d.of(options.channels(192), 5).padding(2))
            .add("features.4", Activation.relu())
            .add("features.5", new MaxPool2d(POOL))
            .add("features.6", Conv2d.of(options.channels(384), 3).padding(1))
            .add("features.7", Activation.relu())
            .add("features.8", Conv2d.of(options.channels(256), 3).padding(1))
            .add("features.9", Activation.relu())
            .add("features.10", Conv2d.of(options.channels(256), 3).padding(1))
            .add("features.11", Activation.relu())
            .add("features.12", new MaxPool2d(POOL));
    if (builder.output().dim(1) != POOLED || builder.output().dim(2) != POOLED) {
      builder.add("avgpool", new AdaptiveAveragePool2d(POOLED, POOLED));
    }
    return builder
        .add("flatten", new Flatten())
        .add("classifier.0", new Dropout(options.dropout()))
        .add("classifier.1", Linear.of(options.channels(4096)))
        .add("classifier.2", Activation.relu())
        .add("classifier.3", new Dropout(options.dropout()))
        .add("classifier.4", Linear.of(options.channels(4096)))
        .add("classifier.5", Activation.relu())
        .add("classifier.6", Linear.of(classes))
        .build();
  }
}
