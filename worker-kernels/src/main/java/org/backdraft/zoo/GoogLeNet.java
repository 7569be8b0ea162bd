package org.backdraft.zoo;

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
 * GoogLeNet, table 1 of Szegedy et al. 2015, <em>Going deeper with convolutions</em>: three
 * convolutions, nine blocks of four branches side by side, and a mean over what is left of height
 * and width, so that images of many sizes fit.
 *
 * <p>Structure, names and the number of parameters are torchvision's without its auxiliary outputs:
 * 6 624 904 with colour images and 1000 classes. Departures of torchvision from the paper: batch
 * normalisation behind each convolution (ε = 0.001), no local response normalisation, and 3×3
 * convolutions in the third branch, where the paper has 5×5.
 */
final class GoogLeNet {
  private static final float EPSILON = 1e-3f;
  private static final float MOMENTUM = 0.1f;

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

  static Network network(Shape input, int classes) {
    NetworkBuilder builder = Network.named("googlenet", input);
    String last =
        convolution(builder, "conv1", Network.INPUT, Conv2d.of(64, 7).stride(2).padding(3));
    last = pool(builder, "maxpool1", last, Window.square(3, 2, 0));
    last = convolution(builder, "conv2", last, Conv2d.of(64, 1));
    last = convolution(builder, "conv3", last, Conv2d.of(192, 3).padding(1));
    last = pool(builder, "maxpool2", last, Window.square(3, 2, 0));
    last = blocks(builder, STAGE3, last);
    last = pool(builder, "maxpool3", last, Window.square(3, 2, 0));
    last = blocks(builder, STAGE4, last);
    last = pool(builder, "maxpool4", last, Window.square(2, 2, 0));
    last = blocks(builder, STAGE5, last);
    return builder
        .add("avgpool", AveragePool2d.global(), last)
        .add("flatten", new Flatten())
        .add("dropout", new Dropout(0.2f))
        .add("fc", Linear.of(classes))
        .build();
  }

  private static String blocks(NetworkBuilder builder, Block[] blocks, String input) {
    String last = input;
    for (Block block : blocks) {
      last = block(builder, block, last);
    }
    return last;
  }

  private static String block(NetworkBuilder builder, Block block, String input) {
    String name = block.name();
    String one = convolution(builder, name + ".branch1", input, Conv2d.of(block.one(), 1));
    String three =
        convolution(builder, name + ".branch2.0", input, Conv2d.of(block.threeReduce(), 1));
    three =
        convolution(builder, name + ".branch2.1", three, Conv2d.of(block.three(), 3).padding(1));
    String five =
        convolution(builder, name + ".branch3.0", input, Conv2d.of(block.fiveReduce(), 1));
    five = convolution(builder, name + ".branch3.1", five, Conv2d.of(block.five(), 3).padding(1));
    String pooled = pool(builder, name + ".branch4.0", input, Window.square(3, 1, 1));
    pooled = convolution(builder, name + ".branch4.1", pooled, Conv2d.of(block.pool(), 1));
    builder.add(name, new Concat(), one, three, five, pooled);
    return name;
  }

  /** A convolution without bias, batch normalisation, ReLU. */
  private static String convolution(
      NetworkBuilder builder, String name, String input, Conv2d layer) {
    builder
        .add(name + ".conv", layer.withoutBias(), input)
        .add(name + ".bn", new BatchNorm2d(EPSILON, MOMENTUM))
        .add(name + ".relu", Activation.relu());
    return name + ".relu";
  }

  private static String pool(NetworkBuilder builder, String name, String input, Window window) {
    builder.add(name, new MaxPool2d(window, true), input);
    return name;
  }
}
