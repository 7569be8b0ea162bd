package org.backdraft.zoo;

import org.backdraft.kernel.Window;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.LocalResponseNorm;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.nn.ShapeException;
import org.backdraft.tensor.Shape;

/**
 * AlexNet as it won, figure 2 of Krizhevsky, Sutskever and Hinton 2012, <em>ImageNet classification
 * with deep convolutional neural networks</em>: two columns of channels, one for each of the two
 * graphics cards of the time, which are two groups in the second, fourth and fifth convolution; the
 * third one and the linear layers see both. Local response normalisation behind the first two, and
 * overlapping pooling. 60 965 224 parameters for colour images and 1000 classes.
 *
 * <p>The paper says 224×224, but its 55×55 outputs need 227×227: images of 224×224 are padded by 2
 * here. torchvision has no such network: layers are named {@code conv1} to {@code conv5}, {@code
 * fc6} to {@code fc8}, as in Caffe.
 */
final class AlexNet2012 {
  private static final int COLUMNS = 2;
  private static final Window POOL = Window.square(3, 2, 0);
  private static final int LEAST = 67;

  private AlexNet2012() {}

  static Network network(Shape input, int classes, ModelOptions options) {
    if (!input.isImage() || input.dim(1) < LEAST - 4 || input.dim(2) < LEAST - 4) {
      throw new ShapeException(
          "alexnet-2012 takes images of at least %dx%d, (channels, h, w): got %s."
              .formatted(LEAST - 4, LEAST - 4, input));
    }
    int hidden = options.channels(4096);
    float dropout = options.dropout();
    NetworkBuilder builder =
        Network.named("alexnet-2012", input)
            .add("conv1", Conv2d.of(columns(96, options), 11).stride(4).padding(2))
            .add("relu1", Activation.relu())
            .add("norm1", LocalResponseNorm.krizhevsky())
            .add("pool1", new MaxPool2d(POOL))
            .add("conv2", Conv2d.of(columns(256, options), 5).padding(2).groups(COLUMNS))
            .add("relu2", Activation.relu())
            .add("norm2", LocalResponseNorm.krizhevsky())
            .add("pool2", new MaxPool2d(POOL))
            .add("conv3", Conv2d.of(columns(384, options), 3).padding(1))
            .add("relu3", Activation.relu())
            .add("conv4", Conv2d.of(columns(384, options), 3).padding(1).groups(COLUMNS))
            .add("relu4", Activation.relu())
            .add("conv5", Conv2d.of(columns(256, options), 3).padding(1).groups(COLUMNS))
            .add("relu5", Activation.relu())
            .add("pool5", new MaxPool2d(POOL));
    return builder
        .add("flatten", new Flatten())
        .add("fc6", Linear.of(hidden))
        .add("relu6", Activation.relu())
        .add("drop6", new Dropout(dropout))
        .add("fc7", Linear.of(hidden))
        .add("relu7", Activation.relu())
        .add("drop7", new Dropout(dropout))
        .add("fc8", Linear.of(classes))
        .build();
  }

  /** Channels of both columns together. */
  private static int columns(int published, ModelOptions options) {
    return COLUMNS * options.channels(published / COLUMNS);
  }
}
