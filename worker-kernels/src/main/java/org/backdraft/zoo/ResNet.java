package org.backdraft.zoo;

import org.backdraft.kernel.Window;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ResidualStages.Block;

/**
 * Residual networks for large images, table 1 of He et al. 2016, <em>Deep residual learning for
 * image recognition</em>: a 7×7 convolution and max pooling, four stages with 64, 128, 256 and 512
 * channels, and a mean over what is left of height and width, so that images of any size fit.
 *
 * <p>Structure, names and numbers of parameters are torchvision's (its "V1.5", see {@link
 * Block#BOTTLENECK}): 11 689 512 for ResNet-18, 21 797 672 for 34, 25 557 032 for 50, 44 549 160
 * for 101 and 60 192 808 for 152, with colour images and 1000 classes.
 */
final class ResNet {
  private static final int STEM_CHANNELS = 64;
  private static final int[] STAGE_CHANNELS = {64, 128, 256, 512};

  private ResNet() {}

  static Network resnet18(Shape input, int classes, ModelOptions options) {
    return network("resnet18", Block.BASIC, new int[] {2, 2, 2, 2}, input, classes, options);
  }

  static Network resnet34(Shape input, int classes, ModelOptions options) {
    return network("resnet34", Block.BASIC, new int[] {3, 4, 6, 3}, input, classes, options);
  }

  static Network resnet50(Shape input, int classes, ModelOptions options) {
    return network("resnet50", Block.BOTTLENECK, new int[] {3, 4, 6, 3}, input, classes, options);
  }

  static Network resnet101(Shape input, int classes, ModelOptions options) {
    return network("resnet101", Block.BOTTLENECK, new int[] {3, 4, 23, 3}, input, classes, options);
  }

  static Network resnet152(Shape input, int classes, ModelOptions options) {
    return network("resnet152", Block.BOTTLENECK, new int[] {3, 8, 36, 3}, input, classes, options);
  }

  private static Network network(
      String name, Block block, int[] blocks, Shape input, int classes, ModelOptions options) {
    int stem = options.channels(STEM_CHANNELS);
    NetworkBuilder builder =
        Network.named(name, input)
            .add("conv1", Conv2d.of(stem, 7).stride(2).padding(3).withoutBias())
            .add("bn1", new BatchNorm2d())
            .add("relu", Activation.relu())
            .add("maxpool", new MaxPool2d(Window.square(3, 2, 1)));
    ResidualStages stages =
        new ResidualStages(builder, block, ResidualStages.Shortcut.PROJECTION, "maxpool", stem);
    String last = stages.add(options.channels(STAGE_CHANNELS), blocks);
    return builder
        .add("avgpool", AveragePool2d.global(), last)
        .add("flatten", new Flatten())
        .add("fc", Linear.of(classes))
        .build();
  }
}
