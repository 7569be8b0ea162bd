package org.backdraft.zoo;

import java.util.List;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AdaptiveAveragePool2d;
import org.backdraft.nn.BatchNorm2d;
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
 * 336 parameters, VGG-13 133 047 848, VGG-16 138 357 544 and VGG-19 143 667 240. With {@code _bn}
 * there is batch normalisation behind each convolution, which the paper did not have yet.
 * Parameters have torchvision's names: {@code features.0.weight}, {@code classifier.6.bias}. For
 * images of another size there is torchvision's adaptive pooling to 7×7, which is the identity for
 * 224×224 and left out there.
 */
final class Vgg {
  static final List<Integer> DEPTHS = List.of(11, 13, 16, 19);

  private static final int[] STAGE_CHANNELS = {64, 128, 256, 512, 512};

  /** Rows and columns of what the first linear layer takes, for images of any size. */
  private static final int POOLED = 7;

  private Vgg() {}

  /** The number of convolutions of each stage. */
  private static int[] convolutions(int depth) {
    return switch (depth) {
      case 11 -> new int[] {1, 1, 2, 2, 2};
      case 13 -> new int[] {2, 2, 2, 2, 2};
      case 16 -> new int[] {2, 2, 3, 3, 3};
      case 19 -> new int[] {2, 2, 4, 4, 4};
      default -> throw new IllegalArgumentException("There is no VGG-" + depth + ".");
    };
  }

  static Network network(
      int depth, boolean normalized, Shape input, int classes, ModelOptions options) {
    int[] convolutions = convolutions(depth);
    NetworkBuilder builder = Network.named("vgg" + depth + (normalized ? "_bn" : ""), input);
    int index = 0;
    for (int stage = 0; stage < STAGE_CHANNELS.length; stage++) {
      int channels = options.channels(STAGE_CHANNELS[stage]);
      for (int i = 0; i < convolutions[stage]; i++) {
        builder.add("features." + index++, Conv2d.of(channels, 3).padding(1));
        if (normalized) {
          builder.add("features." + index++, new BatchNorm2d());
        }
        builder.add("features." + index++, Activation.relu());
      }
      builder.add("features." + index++, MaxPool2d.of(2));
    }
    if (builder.output().dim(1) != POOLED || builder.output().dim(2) != POOLED) {
      builder.add("avgpool", new AdaptiveAveragePool2d(POOLED, POOLED));
    }
    int hidden = options.channels(4096);
    float dropout = options.dropout();
    return builder
        .add("flatten", new Flatten())
        .add("classifier.0", Linear.of(hidden))
        .add("classifier.1", Activation.relu())
        .add("classifier.2", new Dropout(dropout))
        .add("classifier.3", Linear.of(hidden))
        .add("classifier.4", Activation.relu())
        .add("classifier.5", new Dropout(dropout))
        .add("classifier.6", Linear.of(classes))
        .build();
  }
}
