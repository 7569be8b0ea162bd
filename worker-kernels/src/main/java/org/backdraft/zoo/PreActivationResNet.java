package org.backdraft.zoo;

import java.util.List;
import java.util.Map;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.nn.Sum;
import org.backdraft.tensor.Shape;

/**
 * Residual networks for small images in which batch normalisation and ReLU stand before each
 * convolution, so that nothing but sums lies on the way from block to block: He et al. 2016,
 * <em>Identity mappings in deep residual networks</em>, figure 4e. With two 3×3 convolutions a
 * block (6n + 2 layers) or, from 164 layers on, with 1×1, 3×3 and 1×1 (9n + 2), as in the paper.
 *
 * <p>Where a stage changes the shape, the shortcut is a 1×1 convolution that takes what the block's
 * first convolution takes. Parameters: 272 282 for 20 layers, 855 578 for 56, 1 730 522 for 110, 1
 * 703 258 for 164 and 10 327 706 for 1001; the paper gives 1.7 M for 110 and 164, 10.2 M for 1001.
 * torchvision has no such network: names are those of {@code resnet20}, and {@code bn}, {@code fc}
 * at the end. Beside these depths, which have names, there is any other one by {@code
 * preresnet:depth=29,block=bottleneck}.
 */
final class PreActivationResNet {
  static final List<Integer> DEPTHS = List.of(20, 56, 110, 164, 1001);

  private static final String BLOCK = "block";
  private static final String BASIC = "basic";
  private static final String BOTTLENECK = "bottleneck";

  /** Of the one whose depth is a setting too. */
  static final Map<String, String> DEEP_SETTINGS =
      Map.of(ModelOptions.WIDTH, "1", ModelOptions.DEPTH, "20", BLOCK, BASIC);

  private static final int[] STAGE_CHANNELS = {16, 32, 64};
  private static final int FIRST_BOTTLENECK = 164;
  private static final int EXPANSION = 4;

  private final NetworkBuilder builder;
  private final boolean bottleneck;
  private String last;
  private int lastChannels;

  private PreActivationResNet(
      NetworkBuilder builder, boolean bottleneck, String input, int inputChannels) {
    this.builder = builder;
    this.bottleneck = bottleneck;
    last = input;
    lastChannels = inputChannels;
  }

  static Network ofAnyDepth(Shape input, int classes, ModelOptions options) {
    boolean bottleneck = options.word(BLOCK, List.of(BASIC, BOTTLENECK)).equals(BOTTLENECK);
    int blocks = (options.depth(layers(bottleneck)) - 2) / layers(bottleneck);
    return network("preresnet", bottleneck, blocks, input, classes, options);
  }

  /** One of {@link #DEPTHS}. */
  static Network network(int depth, Shape input, int classes, ModelOptions options) {
    boolean bottleneck = depth >= FIRST_BOTTLENECK;
    int blocks = (depth - 2) / layers(bottleneck);
    return network("preresnet" + depth, bottleneck, blocks, input, classes, options);
  }

  /** Of a block in each of the three stages. */
  private static int layers(boolean bottleneck) {
    return bottleneck ? 9 : 6;
  }

  private static Network network(
      String name, boolean bottleneck, int blocks, Shape input, int classes, ModelOptions options) {
    int[] channels = options.channels(STAGE_CHANNELS);
    NetworkBuilder builder =
        Network.named(name, input).add("conv1", Conv2d.of(channels[0], 3).padding(1).withoutBias());
    PreActivationResNet net = new PreActivationResNet(builder, bottleneck, "conv1", channels[0]);
    for (int stage = 0; stage < channels.length; stage++) {
      for (int i = 0; i < blocks; i++) {
        net.block("layer" + (stage + 1) + "." + i, channels[stage], stage > 0 && i == 0 ? 2 : 1);
      }
    }
    return builder
        .add("bn", new BatchNorm2d())
        .add("relu", Activation.relu())
        .add("avgpool", AveragePool2d.global())
        .add("flatten", new Flatten())
        .add("fc", Linear.of(classes))
        .build();
  }

  private void block(String name, int channels, int stride) {
    String input = last;
    int wide = bottleneck ? EXPANSION * channels : channels;
    activation(name, 1);
    String activated = last;
    if (bottleneck) {
      convolution(name, 1, Conv2d.of(channels, 1));
      activation(name, 2);
      convolution(name, 2, Conv2d.of(channels, 3).padding(1).stride(stride));
      activation(name, 3);
      convolution(name, 3, Conv2d.of(wide, 1));
    } else {
      convolution(name, 1, Conv2d.of(channels, 3).padding(1).stride(stride));
      activation(name, 2);
      convolution(name, 2, Conv2d.of(wide, 3).padding(1));
    }
    String branch = last;
    String shortcut = input;
    if (stride != 1 || lastChannels != wide) {
      shortcut = name + ".downsample.0";
      builder.add(shortcut, Conv2d.of(wide, 1).stride(stride).withoutBias(), activated);
    }
    last = name + ".sum";
    builder.add(last, new Sum(), branch, shortcut);
    lastChannels = wide;
  }

  private void activation(String name, int number) {
    builder.add(name + ".bn" + number, new BatchNorm2d(), last);
    last = name + ".relu" + number;
    builder.add(last, Activation.relu());
  }

  private void convolution(String name, int number, Conv2d layer) {
    last = name + ".conv" + number;
    builder.add(last, layer.withoutBias());
  }
}
