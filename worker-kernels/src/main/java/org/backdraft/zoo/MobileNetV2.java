package org.backdraft.zoo;

import org.backdraft.kernel.Window;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.nn.Sum;
import org.backdraft.tensor.Shape;

/**
 * MobileNet-v2, table 2 of Sandler et al. 2018, <em>MobileNetV2: inverted residuals and linear
 * bottlenecks</em>: blocks that widen their input by a 1×1 convolution, look at each channel by
 * itself in a 3×3 window, and narrow it again without an activation.
 *
 * <p>Structure, names and the number of parameters are torchvision's: 3 504 872 for colour images
 * and 1000 classes. As there, the width's factor rounds channels to multiples of 8, and does not
 * make the last ones fewer than 1280.
 */
final class MobileNetV2 {
  private static final int DIVISOR = 8;
  private static final int LAST_CHANNELS = 1280;

  /**
   * A stage of equal blocks.
   *
   * @param expansion factor of the channels within a block
   * @param stride of the first block
   */
  private record Stage(int expansion, int channels, int blocks, int stride) {}

  private static final Stage[] STAGES = {
    new Stage(1, 16, 1, 1),
    new Stage(6, 24, 2, 2),
    new Stage(6, 32, 3, 2),
    new Stage(6, 64, 4, 2),
    new Stage(6, 96, 3, 1),
    new Stage(6, 160, 3, 2),
    new Stage(6, 320, 1, 1)
  };

  private final NetworkBuilder builder;
  private String last = Network.INPUT;
  private int lastChannels;

  private MobileNetV2(NetworkBuilder builder) {
    this.builder = builder;
  }

  static Network network(Shape input, int classes, ModelOptions options) {
    NetworkBuilder builder = Network.named("mobilenet_v2", input);
    MobileNetV2 net = new MobileNetV2(builder);
    net.convolution("features.0", Conv2d.of(rounded(32 * options.width()), 3).padding(1).stride(2));
    int number = 1;
    for (Stage stage : STAGES) {
      int channels = rounded(stage.channels() * options.width());
      for (int i = 0; i < stage.blocks(); i++) {
        int stride = i == 0 ? stage.stride() : 1;
        net.block("features." + number++, stage.expansion(), channels, stride);
      }
    }
    int wide = rounded(LAST_CHANNELS * Math.max(1, options.width()));
    net.convolution("features." + number, Conv2d.of(wide, 1));
    return builder
        .add("avgpool", AveragePool2d.global())
        .add("flatten", new Flatten())
        .add("classifier.0", new Dropout(options.dropout()))
        .add("classifier.1", Linear.of(classes))
        .build();
  }

  /** The nearest multiple of 8, but not less than nine tenths of it. */
  private static int rounded(float channels) {
    int nearest = Math.max(DIVISOR, (int) (channels + DIVISOR / 2f) / DIVISOR * DIVISOR);
    return nearest < 0.9f * channels ? nearest + DIVISOR : nearest;
  }

  private void block(String name, int expansion, int channels, int stride) {
    String input = last;
    int inputChannels = lastChannels;
    int wide = inputChannels * expansion;
    int part = 0;
    if (expansion != 1) {
      convolution(name + ".conv." + part++, Conv2d.of(wide, 1));
    }
    Window window = Window.square(3, stride, 1);
    convolution(name + ".conv." + part++, new Conv2d(wide, window, wide, false));
    add(name + ".conv." + part++, name + ".conv." + part, Conv2d.of(channels, 1));
    if (stride == 1 && channels == inputChannels) {
      builder.add(name + ".sum", new Sum(), last, input);
      last = name + ".sum";
    }
  }

  private void convolution(String name, Conv2d layer) {
    add(name + ".0", name + ".1", layer);
    builder.add(name + ".2", Activation.relu6());
    last = name + ".2";
  }

  private void add(String name, String norm, Conv2d layer) {
    builder.add(name, layer.withoutBias(), last).add(norm, new BatchNorm2d());
    last = norm;
    lastChannels = layer.out();
  }
}
