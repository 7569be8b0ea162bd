package org.backdraft.zoo;

import org.backdraft.kernel.Window;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AdaptiveAveragePool2d;
import org.backdraft.nn.AuxiliaryLoss;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.tensor.Shape;

/**
 * GoogLeNet, table 1 of Szegedy et al. 2015, <em>Going deeper with convolutions</em>: three
 * convolutions, nine blocks of four branches side by side, and a mean over what is left of height
 * and width, so that images of many sizes fit.
 *
 * <p>Structure, names and the number of parameters are torchvision's: 6 624 904 with colour images
 * and 1000 classes. With the setting {@code auxiliary}, which is the weight of their losses (0.3 in
 * the paper), there are the two auxiliary outputs, behind blocks 4a and 4d, and 13 004 888
 * parameters, as in torchvision. Departures of torchvision from the paper: batch normalisation
 * behind each convolution (ε = 0.001), no local response normalisation, and 3×3 convolutions in the
 * third branch, where the paper has 5×5.
 */
final class GoogLeNet {
  private static final float AUXILIARY_DROPOUT = 0.7f;

  /**
   * The channels of a block.
   *
   * @param one of the first branch, a 1×1 convolution
   * @param threeReduce of the 1×1 convolution before those of 3×3
   * @param fiveReduce likewise of the third branch
   * @param pool of the 1×1 convolution behind max pooling
   */
  private record Block(
      String name, int one, int threeReduce, int three, int fiveReduce, int five, int pool) {}

  private static final Block[] STAGE3 = {
    new Block("inception3a", 64, 96, 128, 16, 32, 32),
    new Block("inception3b", 128, 128, 192, 32, 96, 64)
  };
  private static final Block[] STAGE4 = {
    new Block("inception4a", 192, 96, 208, 16, 48, 64),
    new Block("inception4b", 160, 112, 224, 24, 64, 64),
    new Block("inception4c", 128, 128, 256, 24, 64, 64),
    new Block("inception4d", 112, 144, 288, 32, 64, 64),
    new Block("inception4e", 256, 160, 320, 32, 128, 128)
  };
  private static final Block[] STAGE5 = {
    new Block("inception5a", 256, 160, 320, 32, 128, 128),
    new Block("inception5b", 384, 192, 384, 48, 128, 128)
  };

  private GoogLeNet() {}

  static Network network(Shape input, int classes, ModelOptions options) {
    NetworkBuilder builder = Network.named("googlenet", input);
    NormalizedBlocks blocks = new NormalizedBlocks(builder, options);
    String last = blocks.convolution("conv1", Network.INPUT, 64, Window.square(7, 2, 3));
    last = blocks.maxPool("maxpool1", last, Window.square(3, 2, 0), true);
    last = blocks.convolution("conv2", last, 64, 1);
    last = blocks.convolution("conv3", last, 192, 3);
    last = blocks.maxPool("maxpool2", last, Window.square(3, 2, 0), true);
    last = stage(blocks, STAGE3, last);
    last = blocks.maxPool("maxpool3", last, Window.square(3, 2, 0), true);
    last = stage(blocks, STAGE4, last);
    last = blocks.maxPool("maxpool4", last, Window.square(2, 2, 0), true);
    last = stage(blocks, STAGE5, last);
    builder
        .add("avgpool", AveragePool2d.global(), last)
        .add("flatten", new Flatten())
        .add("dropout", new Dropout(options.dropout()))
        .add("fc", Linear.of(classes));
    float weight = options.auxiliary();
    if (weight > 0) {
      String first = auxiliary(builder, blocks, "aux1", "inception4a", classes, options);
      String second = auxiliary(builder, blocks, "aux2", "inception4d", classes, options);
      builder
          .add("aux1.loss", new AuxiliaryLoss(weight), "fc", first)
          .add("aux2.loss", new AuxiliaryLoss(weight), "aux1.loss", second);
    }
    return builder.build();
  }

  /** Section 5 of the paper, with torchvision's pooling to 4×4. */
  private static String auxiliary(
      NetworkBuilder builder,
      NormalizedBlocks blocks,
      String name,
      String input,
      int classes,
      ModelOptions options) {
    builder.add(name + ".avgpool", new AdaptiveAveragePool2d(4, 4), input);
    blocks.convolution(name + ".conv", name + ".avgpool", 128, 1);
    builder
        .add(name + ".flatten", new Flatten())
        .add(name + ".fc1", Linear.of(options.channels(1024)))
        .add(name + ".relu", Activation.relu())
        .add(name + ".dropout", new Dropout(options.dropout() == 0 ? 0 : AUXILIARY_DROPOUT))
        .add(name + ".fc2", Linear.of(classes));
    return name + ".fc2";
  }

  private static String stage(NormalizedBlocks blocks, Block[] stage, String input) {
    String last = input;
    for (Block each : stage) {
      last = block(blocks, each, last);
    }
    return last;
  }

  private static String block(NormalizedBlocks blocks, Block block, String input) {
    String name = block.name();
    String one = blocks.convolution(name + ".branch1", input, block.one(), 1);
    String three = blocks.convolution(name + ".branch2.0", input, block.threeReduce(), 1);
    three = blocks.convolution(name + ".branch2.1", three, block.three(), 3);
    String five = blocks.convolution(name + ".branch3.0", input, block.fiveReduce(), 1);
    five = blocks.convolution(name + ".branch3.1", five, block.five(), 3);
    String pooled = blocks.maxPool(name + ".branch4.0", input, Window.square(3, 1, 1), true);
    pooled = blocks.convolution(name + ".branch4.1", pooled, block.pool(), 1);
    return blocks.concat(name, one, three, five, pooled);
  }
}
