package org.backdraft.zoo;

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
 * The networks of Simonyan and Zisserman 2015, <em>Very deep convolutional networks for large-scale
 * image recognition</em>, table 1, configurations A, B, D and E: five stages of 3×3 convolutions,
 * each followed by 2×2 max pooling. For 224×224 colour images and 1000 classes VGG-11 has 132 863
 * 336 parameters, VGG-13 133 047 848, VGG-16 138 357 544 and VGG-19 143 667 240. They have
 * torchvision's names: {@code features.0.weight}, {@code classifier.6.bias}. For images of another
 * size there is torchvision's adaptive pooling to 7×7, which is the identity for 224×224 and left
 * out there.
 */
final class Vgg {
  private static final int[] STAGE_CHANNELS = {64, 128, 256, 512, 512};

  /** What the first linear layer takes, for images of any size. */
  private static final Shape POOLED = Shape.of(512, 7, 7);

  private Vgg() {}

  static Network vgg11(Shape input, int classes) {
    return network("vgg11", new int[] {1, 1, 2, 2, 2}, input, classes);
  }

  static Network vgg13(Shape input, int classes) {
    return network("vgg13", new int[] {2, 2, 2, 2, 2}, input, classes);
  }

  static Network vgg16(Shape input, int classes) {
    return network("vgg16", new int[] {2, 2, 3, 3, 3}, input, classes);
  }

  static Network vgg19(Shape input, int classes) {
    return network("vgg19", new int[] {2, 2, 4, 4, 4}, input, classes);
  }

  /**
   * @param convolutions of each stage
   */
  private static Network network(String name, int[] convolutions, Shape input, int classes) {
    NetworkBuilder builder = Network.named(name, input);
    int index = 0;
    for (int stage = 0; stage < STAGE_CHANNELS.length; stage++) {
      for (int i = 0; i < convolutions[stage]; i++) {
        builder.add("features." + index++, Conv2d.of(STAGE_CHANNELS[stage], 3).padding(1));
        builder.add("features." + index++, Activation.relu());
      }
      builder.add("features." + index++, MaxPool2d.of(2));
    }
    if (!builder.output().equals(POOLED)) {
      builder.add("avgpool", new AdaptiveAveragePool2d(POOLED.dim(1), POOLED.dim(2)));
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
