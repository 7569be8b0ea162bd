package org.backdraft.zoo;

import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.IdentityShortcut;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.nn.Sum;

/**
 * The part that all residual networks share: stages of equal blocks, each stage but the first with
 * half the height and width of the one before.
 *
 * <p>He et al. 2016, <em>Deep residual learning for image recognition</em>. Names follow
 * torchvision: {@code layer2.0.downsample.0.weight}.
 */
final class ResidualStages {
  /** What a block consists of. */
  enum Block {
    /** Two 3×3 convolutions. */
    BASIC(1),
    /**
     * 1×1, 3×3 and 1×1 convolutions, the last one four times as wide. The 3×3 one has the stride,
     * as in torchvision; in the paper it is the first one.
     */
    BOTTLENECK(4);

    private final int expansion;

    Block(int expansion) {
      this.expansion = expansion;
    }

    /** The output channels of a block, in multiples of its stage's channels. */
    int expansion() {
      return expansion;
    }
  }

  /** What passes a block that changes the shape. */
  enum Shortcut {
    /** A 1×1 convolution with batch normalisation: the paper's option B. */
    PROJECTION,
    /** The input, with fewer pixels and channels of zeros: option A. */
    IDENTITY
  }

  private final NetworkBuilder builder;
  private final Block block;
  private final Shortcut shortcut;
  private String last;
  private int lastChannels;

  /**
   * @param input the node that the first stage takes
   * @param inputChannels of that node
   */
  ResidualStages(
      NetworkBuilder builder, Block block, Shortcut shortcut, String input, int inputChannels) {
    this.builder = builder;
    this.block = block;
    this.shortcut = shortcut;
    last = input;
    lastChannels = inputChannels;
  }

  /**
   * Adds {@code layer1}, {@code layer2} …
   *
   * @param channels of each stage, before the expansion
   * @param blocks of each stage
   * @return the last node
   */
  String add(int[] channels, int[] blocks) {
    for (int stage = 0; stage < channels.length; stage++) {
      for (int i = 0; i < blocks[stage]; i++) {
        int stride = stage > 0 && i == 0 ? 2 : 1;
        add("layer" + (stage + 1) + "." + i, channels[stage], stride);
      }
    }
    return last;
  }

  private void add(String prefix, int channels, int stride) {
    int wide = channels * block.expansion();
    String input = last;
    switch (block) {
      case BASIC -> {
        convolution(prefix, 1, Conv2d.of(channels, 3).padding(1).stride(stride), input);
        relu(prefix, 1);
        convolution(prefix, 2, Conv2d.of(wide, 3).padding(1), last);
      }
      case BOTTLENECK -> {
        convolution(prefix, 1, Conv2d.of(channels, 1), input);
        relu(prefix, 1);
        convolution(prefix, 2, Conv2d.of(channels, 3).padding(1).stride(stride), last);
        relu(prefix, 2);
        convolution(prefix, 3, Conv2d.of(wide, 1), last);
      }
    }
    String branch = last;
    boolean changes = stride != 1 || lastChannels != wide;
    String past = changes ? past(prefix, input, wide, stride) : input;
    builder.add(prefix + ".sum", new Sum(), branch, past);
    relu(prefix, block == Block.BASIC ? 2 : 3);
    lastChannels = wide;
  }

  private String past(String prefix, String input, int wide, int stride) {
    if (shortcut == Shortcut.IDENTITY) {
      String name = prefix + ".shortcut";
      builder.add(name, new IdentityShortcut(wide, stride), input);
      return name;
    }
    String name = prefix + ".downsample.1";
    builder
        .add(prefix + ".downsample.0", Conv2d.of(wide, 1).stride(stride).withoutBias(), input)
        .add(name, new BatchNorm2d());
    return name;
  }

  private void convolution(String prefix, int number, Conv2d layer, String input) {
    last = prefix + ".bn" + number;
    builder.add(prefix + ".conv" + number, layer.withoutBias(), input).add(last, new BatchNorm2d());
  }

  private void relu(String prefix, int number) {
    last = prefix + ".relu" + number;
    builder.add(last, Activation.relu());
  }
}
