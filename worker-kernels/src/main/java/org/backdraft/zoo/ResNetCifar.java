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
import org.backdraft.tensor.Shape;

/**
 * Residual networks for small images, section 4.2 of He et al. 2016, <em>Deep residual learning for
 * image recognition</em>: three stages of n blocks with 16, 32 and 64 channels, 6n + 2 layers.
 *
 * <p>Departure: where a stage changes the shape, the shortcut is a 1×1 convolution with batch
 * normalisation (the paper's option B, torchvision's way) unless {@code shortcut=identity} asks for
 * zero padding (option A, the paper's choice for CIFAR), which has 2752 parameters less. So
 * ResNet-20 has 272 474 parameters, 32 has 466 906, 44 has 661 338, 56 has 855 770, 110 has 1 730
 * 714 and 1202 has 19 424 026. Beside these depths, which have names, there is any other one by
 * {@code resnet-cifar:depth=26}.
 */
final class ResNetCifar {
  /** Those of the paper. */
  static final List<Integer> DEPTHS = List.of(20, 32, 44, 56, 110, 1202);

  private static final String SHORTCUT = "shortcut";
  private static final String PROJECTION = "projection";

  static final Map<String, String> SETTINGS = Map.of(ModelOptions.WIDTH, "1", SHORTCUT, PROJECTION);

  /** Of the one whose depth is a setting too. */
  static final Map<String, String> DEEP_SETTINGS =
      Map.of(ModelOptions.WIDTH, "1", SHORTCUT, PROJECTION, ModelOptions.DEPTH, "20");

  private static final int LAYERS_OF_A_BLOCK_IN_EACH_STAGE = 6;

  private static final int[] STAGE_CHANNELS = {16, 32, 64};

  private ResNetCifar() {}

  static Network ofAnyDepth(Shape input, int classes, ModelOptions options) {
    int depth = options.depth(LAYERS_OF_A_BLOCK_IN_EACH_STAGE);
    return network("resnet-cifar", depth, input, classes, options);
  }

  static Network network(String name, int depth, Shape input, int classes, ModelOptions options) {
    int[] channels = options.channels(STAGE_CHANNELS);
    int blocks = (depth - 2) / LAYERS_OF_A_BLOCK_IN_EACH_STAGE;
    NetworkBuilder builder =
        Network.named(name, input)
            .add("conv1", Conv2d.of(channels[0], 3).padding(1).withoutBias())
            .add("bn1", new BatchNorm2d())
            .add("relu", Activation.relu());
    boolean projects = options.word(SHORTCUT, List.of(PROJECTION, "identity")).equals(PROJECTION);
    ResidualStages stages =
        new ResidualStages(
            builder,
            ResidualStages.Block.BASIC,
            projects ? ResidualStages.Shortcut.PROJECTION : ResidualStages.Shortcut.IDENTITY,
            "relu",
            channels[0]);
    String last = stages.add(channels, new int[] {blocks, blocks, blocks});
    return builder
        .add("avgpool", AveragePool2d.global(), last)
        .add("flatten", new Flatten())
        .add("fc", Linear.of(classes))
        .build();
  }
}
