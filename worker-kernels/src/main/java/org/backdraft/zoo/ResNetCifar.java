package org.backdraft.zoo;

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
 * Residual networks for small images, section 4.2 of He et al. 2016, <em>Deep residual learning for
 * image recognition</em>: three stages of n blocks with 16, 32 and 64 channels, 6n + 2 layers.
 *
 * <p>Departure: where a stage changes the shape, the shortcut is a 1×1 convolution with batch
 * normalisation (the paper's option B, torchvision's way), not zero padding (option A, the paper's
 * choice for CIFAR). ResNet-20 has 272 474 parameters so; with option A it would have 269 722.
 * Names follow torchvision: {@code layer2.0.downsample.0.weight}.
 */
final class ResNetCifar {
  private static final int[] STAGE_CHANNELS = {16, 32, 64};

  private ResNetCifar() {}

  static Network resnet20(Shape input, int classes) {
    return network("resnet20", 3, input, classes);
  }

  private static Network network(String name, int blocks, Shape input, int classes) {
    NetworkBuilder builder =
        Network.named(name, input)
            .add("conv1", Conv2d.of(STAGE_CHANNELS[0], 3).padding(1).withoutBias())
            .add("bn1", new BatchNorm2d())
            .add("relu", Activation.relu());
    String last = "relu";
    for (int stage = 0; stage < STAGE_CHANNELS.length; stage++) {
      for (int block = 0; block < blocks; block++) {
        boolean shrinks = stage > 0 && block == 0;
        String prefix = "layer" + (stage + 1) + "." + block;
        last = block(builder, prefix, last, STAGE_CHANNELS[stage], shrinks);
      }
    }
    return builder
        .add("avgpool", AveragePool2d.global(), last)
        .add("flatten", new Flatten())
        .add("fc", Linear.of(classes))
        .build();
  }

  private static String block(
      NetworkBuilder builder, String prefix, String input, int channels, boolean shrinks) {
    int stride = shrinks ? 2 : 1;
    builder
        .add(
            prefix + ".conv1",
            Conv2d.of(channels, 3).padding(1).stride(stride).withoutBias(),
            input)
        .add(prefix + ".bn1", new BatchNorm2d())
        .add(prefix + ".relu1", Activation.relu())
        .add(prefix + ".conv2", Conv2d.of(channels, 3).padding(1).withoutBias())
        .add(prefix + ".bn2", new BatchNorm2d());
    String shortcut = input;
    if (shrinks) {
      shortcut = prefix + ".downsample.1";
      builder
          .add(prefix + ".downsample.0", Conv2d.of(channels, 1).stride(stride).withoutBias(), input)
          .add(shortcut, new BatchNorm2d());
    }
    builder
        .add(prefix + ".sum", new Sum(), prefix + ".bn2", shortcut)
        .add(prefix + ".relu2", Activation.relu());
    return prefix + ".relu2";
  }
}
