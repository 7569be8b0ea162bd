package org.backdraft.zoo;

import org.backdraft.nn.Activation;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.tensor.Shape;

/**
 * VGG-16, configuration D of Simonyan and Zisserman 2015, <em>Very deep convolutional networks for
 * large-scale image recognition</em>; 138 357 544 parameters for 224×224 colour images and 1000
 * classes. Parameters have torchvision's names: {@code features.0.weight}, {@code
 * classifier.6.bias}.
 *
 * <p>Departure from torchvision: no adaptive pooling to 7×7 in between (the identity for 224×224),
 * so the first linear layer follows the size of the input.
 */
final class Vgg {
  private static final int POOL = 0;
  private static final int[] VGG16 = {
    64, 64, POOL, 128, 128, POOL, 256, 256, 256, POOL, 512, 512, 512, POOL, 512, 512, 512, POOL
  };

  private Vgg() {}

  static Network vgg16(Shape input, int classes) {
    NetworkBuilder builder = Network.named("vgg16", input);
    int index = 0;
    for (int channels : VGG16) {
      if (channels == POOL) {
        builder.add("features." + index++, MaxPool2d.of(2));
      } else {
        builder.add("features." + index++, Conv2d.of(channels, 3).padding(1));
        builder.add("features." + index++, Activation.relu());
      }
    }
    return builder
        .add("flatten", new Flatten())
        .add("classifier.0", Linear.of(4096))
        .add("classifier.1", Activation.relu())
        .add("classifier.2", new Dropout(0.5f))
        .add("classifier.3", Linear.of(4096))
        .add("classifier.4", Activation.relu())
        .add("classifier.5", new Dropout(0.5f))
        .add("classifier.6", Linear.of(classes))
        .build();
  }
}
