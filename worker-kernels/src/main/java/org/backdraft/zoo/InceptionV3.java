package org.backdraft.zoo;

import org.backdraft.kernel.Window;
import org.backdraft.nn.AuxiliaryLoss;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.tensor.Shape;

/**
 * Inception-v3, table 1 of Szegedy et al. 2016, <em>Rethinking the Inception architecture for
 * computer vision</em>: five convolutions, then blocks of branches side by side on 35×35, 17×17 and
 * 8×8 pixels, in which 5×5 and 7×7 windows are taken apart into smaller ones.
 *
 * <p>Structure, names and the number of parameters are torchvision's: 23 834 568 with colour images
 * of 299×299 and 1000 classes. With the setting {@code auxiliary}, which is the weight of its loss
 * (0.4 in torchvision's recipe), there is the auxiliary output behind the last block of 17×17
 * pixels, and 27 161 264 parameters.
 */
final class InceptionV3 {
  private static final Window HALVE = Window.square(3, 2, 0);

  private final NormalizedBlocks blocks;

  private InceptionV3(NormalizedBlocks blocks) {
    this.blocks = blocks;
  }

  static Network network(Shape input, int classes, ModelOptions options) {
    NetworkBuilder builder = Network.named("inception_v3", input);
    NormalizedBlocks blocks = new NormalizedBlocks(builder, options);
    String last = new InceptionV3(blocks).features();
    builder
        .add("avgpool", AveragePool2d.global(), last)
        .add("flatten", new Flatten())
        .add("dropout", new Dropout(options.dropout()))
        .add("fc", Linear.of(classes));
    float weight = options.auxiliary();
    if (weight > 0) {
      addAuxiliary(builder, blocks, classes);
      builder.add("AuxLogits.loss", new AuxiliaryLoss(weight), "fc", "AuxLogits.fc");
    }
    return builder.build();
  }

  private static void addAuxiliary(NetworkBuilder builder, NormalizedBlocks blocks, int classes) {
    String name = "AuxLogits";
    builder.add(name + ".pool", new AveragePool2d(Window.square(5, 3, 0)), "Mixed_6e");
    String last = blocks.convolution(name + ".conv0", name + ".pool", 128, 1);
    last = blocks.convolution(name + ".conv1", last, 768, Window.square(5, 1, 0));
    builder
        .add(name + ".avgpool", AveragePool2d.global(), last)
        .add(name + ".flatten", new Flatten())
        .add(name + ".fc", Linear.of(classes));
  }

  private String features() {
    String last = blocks.convolution("Conv2d_1a_3x3", Network.INPUT, 32, HALVE);
    last = blocks.convolution("Conv2d_2a_3x3", last, 32, Window.square(3, 1, 0));
    last = blocks.convolution("Conv2d_2b_3x3", last, 64, 3);
    last = blocks.maxPool("maxpool1", last, HALVE, false);
    last = blocks.convolution("Conv2d_3b_1x1", last, 80, 1);
    last = blocks.convolution("Conv2d_4a_3x3", last, 192, Window.square(3, 1, 0));
    last = blocks.maxPool("maxpool2", last, HALVE, false);
    last = small("Mixed_5b", last, 32);
    last = small("Mixed_5c", last, 64);
    last = small("Mixed_5d", last, 64);
    last = smallHalved("Mixed_6a", last);
    last = sevens("Mixed_6b", last, 128);
    last = sevens("Mixed_6c", last, 160);
    last = sevens("Mixed_6d", last, 160);
    last = sevens("Mixed_6e", last, 192);
    last = sevensHalved("Mixed_7a", last);
    last = spread("Mixed_7b", last);
    return spread("Mixed_7c", last);
  }

  /** Figure 5, with a 5×5 window left whole in one branch. */
  private String small(String name, String input, int poolChannels) {
    String one = blocks.convolution(name + ".branch1x1", input, 64, 1);
    String five = blocks.convolution(name + ".branch5x5_1", input, 48, 1);
    five = blocks.convolution(name + ".branch5x5_2", five, 64, 5);
    String twice = blocks.convolution(name + ".branch3x3dbl_1", input, 64, 1);
    twice = blocks.convolution(name + ".branch3x3dbl_2", twice, 96, 3);
    twice = blocks.convolution(name + ".branch3x3dbl_3", twice, 96, 3);
    String pooled = blocks.smooth(name + ".smooth", input);
    pooled = blocks.convolution(name + ".branch_pool", pooled, poolChannels, 1);
    return blocks.concat(name, one, five, twice, pooled);
  }

  /** Figure 10. */
  private String smallHalved(String name, String input) {
    String three = blocks.convolution(name + ".branch3x3", input, 384, HALVE);
    String twice = blocks.convolution(name + ".branch3x3dbl_1", input, 64, 1);
    twice = blocks.convolution(name + ".branch3x3dbl_2", twice, 96, 3);
    twice = blocks.convolution(name + ".branch3x3dbl_3", twice, 96, HALVE);
    String pooled = blocks.maxPool(name + ".pool", input, HALVE, false);
    return blocks.concat(name, three, twice, pooled);
  }

  /** Figure 6, n = 7. */
  private String sevens(String name, String input, int channels) {
    String one = blocks.convolution(name + ".branch1x1", input, 192, 1);
    String seven = blocks.convolution(name + ".branch7x7_1", input, channels, 1);
    seven = blocks.convolution(name + ".branch7x7_2", seven, channels, row(7));
    seven = blocks.convolution(name + ".branch7x7_3", seven, 192, column(7));
    String twice = blocks.convolution(name + ".branch7x7dbl_1", input, channels, 1);
    twice = blocks.convolution(name + ".branch7x7dbl_2", twice, channels, column(7));
    twice = blocks.convolution(name + ".branch7x7dbl_3", twice, channels, row(7));
    twice = blocks.convolution(name + ".branch7x7dbl_4", twice, channels, column(7));
    twice = blocks.convolution(name + ".branch7x7dbl_5", twice, 192, row(7));
    String pooled = blocks.smooth(name + ".smooth", input);
    pooled = blocks.convolution(name + ".branch_pool", pooled, 192, 1);
    return blocks.concat(name, one, seven, twice, pooled);
  }

  private String sevensHalved(String name, String input) {
    String three = blocks.convolution(name + ".branch3x3_1", input, 192, 1);
    three = blocks.convolution(name + ".branch3x3_2", three, 320, HALVE);
    String seven = blocks.convolution(name + ".branch7x7x3_1", input, 192, 1);
    seven = blocks.convolution(name + ".branch7x7x3_2", seven, 192, row(7));
    seven = blocks.convolution(name + ".branch7x7x3_3", seven, 192, column(7));
    seven = blocks.convolution(name + ".branch7x7x3_4", seven, 192, HALVE);
    String pooled = blocks.maxPool(name + ".pool", input, HALVE, false);
    return blocks.concat(name, three, seven, pooled);
  }

  /** Figure 7. */
  private String spread(String name, String input) {
    String one = blocks.convolution(name + ".branch1x1", input, 320, 1);
    String three = blocks.convolution(name + ".branch3x3_1", input, 384, 1);
    three =
        blocks.concat(
            name + ".branch3x3",
            blocks.convolution(name + ".branch3x3_2a", three, 384, row(3)),
            blocks.convolution(name + ".branch3x3_2b", three, 384, column(3)));
    String twice = blocks.convolution(name + ".branch3x3dbl_1", input, 448, 1);
    twice = blocks.convolution(name + ".branch3x3dbl_2", twice, 384, 3);
    twice =
        blocks.concat(
            name + ".branch3x3dbl",
            blocks.convolution(name + ".branch3x3dbl_3a", twice, 384, row(3)),
            blocks.convolution(name + ".branch3x3dbl_3b", twice, 384, column(3)));
    String pooled = blocks.smooth(name + ".smooth", input);
    pooled = blocks.convolution(name + ".branch_pool", pooled, 192, 1);
    return blocks.concat(name, one, three, twice, pooled);
  }

  /** A window of one row, padded to keep the width. */
  private static Window row(int kernel) {
    return new Window(1, kernel, 1, 1, 0, kernel / 2, 1, 1);
  }

  /** A window of one column, padded to keep the height. */
  private static Window column(int kernel) {
    return new Window(kernel, 1, 1, 1, kernel / 2, 0, 1, 1);
  }
}
