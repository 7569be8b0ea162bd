package org.backdraft.zoo;

import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.tensor.Shape;

/**
 * Residual networks for small images, section 4.2 of He et al. 2016, <em>Deep residual learning for
 * image recognition</em>: three stages of n blocks with 16, 32 and 64 channels, 6n + 2 layers.
 *
 * <p>Departure: where a stage changes the shape, the shortcut is a 1×1 convolution with batch
 * normalisation (the paper's option B, torchvision's way), not zero padding (option A, the paper's
 * choice for CIFAR). ResNet-20 has 272 474 parameters so; with option A it would have 269 722.
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
    ResidualStages stages =
        new ResidualStages(builder, ResidualStages.Block.BASIC, "relu", STAGE_CHANNELS[0]);
    String last = stages.add(STAGE_CHANNELS, new int[] {blocks, blocks, blocks});
    return builder
        .add("avgpool", AveragePool2d.global(), last)
        .add("flatten", new Flatten())
        .add("fc", Linear.of(classes))
        .build();
  }
}
