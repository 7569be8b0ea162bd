package org.backdraft.zoo;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.kernel.Window;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Concat;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.tensor.Shape;

/**
 * Networks in which every layer of a block takes the outputs of all layers before it, table 1 of
 * Huang et al. 2017, <em>Densely connected convolutional networks</em>: DenseNet-121, 169 and 201,
 * whose layers add 32 channels each (the growth rate k), with 1×1 convolutions to 4k channels
 * before those of 3×3 and transitions that halve channels, height and width.
 *
 * <p>Structure, names and the number of parameters are torchvision's: 7 978 856, 14 149 480 and 20
 * 013 928 for colour images and 1000 classes.
 */
final class DenseNet {
  static final List<Integer> DEPTHS = List.of(121, 169, 201);

  private static final int GROWTH = 32;
  private static final int BOTTLENECK = 4;
  private static final int STEM_CHANNELS = 64;

  private final NetworkBuilder builder;
  private final int growth;
  private final float dropout;

  private DenseNet(NetworkBuilder builder, int growth, float dropout) {
    this.builder = builder;
    this.growth = growth;
    this.dropout = dropout;
  }

  /** The number of layers of each block. */
  private static int[] layers(int depth) {
    return switch (depth) {
      case 121 -> new int[] {6, 12, 24, 16};
      case 169 -> new int[] {6, 12, 32, 32};
      case 201 -> new int[] {6, 12, 48, 32};
      default -> throw new IllegalArgumentException("There is no DenseNet-" + depth + ".");
    };
  }

  static Network network(int depth, Shape input, int classes, ModelOptions options) {
    int[] layers = layers(depth);
    NetworkBuilder builder =
        Network.named("densenet" + depth, input)
            .add(
                "features.conv0",
                Conv2d.of(options.channels(STEM_CHANNELS), 7).stride(2).padding(3).withoutBias())
            .add("features.norm0", new BatchNorm2d())
            .add("features.relu0", Activation.relu())
            .add("features.pool0", new MaxPool2d(Window.square(3, 2, 1)));
    DenseNet net = new DenseNet(builder, options.channels(GROWTH), options.dropout());
    String last = "features.pool0";
    for (int block = 1; block <= layers.length; block++) {
      last = net.block("features.denseblock" + block, layers[block - 1], last);
      if (block < layers.length) {
        last = net.transition("features.transition" + block, last);
      }
    }
    return builder
        .add("features.norm5", new BatchNorm2d(), last)
        .add("features.relu5", Activation.relu())
        .add("avgpool", AveragePool2d.global())
        .add("flatten", new Flatten())
        .add("classifier", Linear.of(classes))
        .build();
  }

  private String block(String name, int layers, String input) {
    List<String> all = new ArrayList<>(List.of(input));
    for (int i = 1; i <= layers; i++) {
      all.add(layer(name + ".denselayer" + i, concat(name + ".denselayer" + i, all)));
    }
    return concat(name, all);
  }

  private String concat(String name, List<String> inputs) {
    if (inputs.size() == 1) {
      return inputs.get(0);
    }
    builder.add(name + ".concat", new Concat(), inputs.toArray(String[]::new));
    return name + ".concat";
  }

  private String layer(String name, String input) {
    builder
        .add(name + ".norm1", new BatchNorm2d(), input)
        .add(name + ".relu1", Activation.relu())
        .add(name + ".conv1", Conv2d.of(BOTTLENECK * growth, 1).withoutBias())
        .add(name + ".norm2", new BatchNorm2d())
        .add(name + ".relu2", Activation.relu())
        .add(name + ".conv2", Conv2d.of(growth, 3).padding(1).withoutBias());
    if (dropout == 0) {
      return name + ".conv2";
    }
    builder.add(name + ".drop", new Dropout(dropout));
    return name + ".drop";
  }

  private String transition(String name, String input) {
    builder.add(name + ".norm", new BatchNorm2d(), input).add(name + ".relu", Activation.relu());
    int channels = builder.output().dim(0) / 2;
    builder
        .add(name + ".conv", Conv2d.of(channels, 1).withoutBias())
        .add(name + ".pool", AveragePool2d.of(2));
    return name + ".pool";
  }
}
