package org.backdraft.zoo;

import java.util.Map;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Concat;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.ConvTranspose2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.nn.ShapeException;
import org.backdraft.nn.Upsample2d;
import org.backdraft.tensor.Shape;

/**
 * U-Net, the network for segmentation of figure 1 in Ronneberger et al. 2015, <em>U-Net:
 * convolutional networks for biomedical image segmentation</em>: four times two 3×3 convolutions
 * and 2×2 max pooling with 64 to 512 channels, two convolutions with 1024, and the way back up,
 * where each step doubles the image, halves the channels and joins what left the same level on the
 * way down. The output gives each pixel a value for each class.
 *
 * <p>Departure: convolutions are padded, so that the output is as large as the input. 31 030 658
 * parameters for one input channel and two classes.
 *
 * <p>Variants differ in the step up: {@code unet} has the paper's 2×2 up-convolution, a transposed
 * one with stride 2; {@code unet-bilinear} interpolates and then takes a 3×3 convolution, which
 * leaves no checkerboard (Odena et al. 2016, <em>Deconvolution and checkerboard artifacts</em>), 34
 * 512 258 parameters. With another number of {@code levels} the image is halved so often, and
 * channels double as often, from 64 on.
 */
final class UNet {
  private static final int BASE_CHANNELS = 64;

  /** How often the image is halved. */
  private static final String LEVELS = "levels";

  private static final int MOST_LEVELS = 6;

  static final Map<String, String> SETTINGS =
      Map.of(ModelOptions.WIDTH, "1", ModelOptions.DROPOUT, "0.5", LEVELS, "4");

  /** How a step up doubles an image and halves its channels. */
  private enum StepUp {
    TRANSPOSED,
    BILINEAR
  }

  private UNet() {}

  static Network transposed(Shape input, int classes, ModelOptions options) {
    return network("unet", StepUp.TRANSPOSED, input, classes, options);
  }

  static Network bilinear(Shape input, int classes, ModelOptions options) {
    return network("unet-bilinear", StepUp.BILINEAR, input, classes, options);
  }

  private static Network network(
      String name, StepUp stepUp, Shape input, int classes, ModelOptions options) {
    int levels = options.size(LEVELS, 1, MOST_LEVELS);
    int multiple = 1 << levels;
    if (!input.isImage() || input.dim(1) % multiple != 0 || input.dim(2) % multiple != 0) {
      throw new ShapeException(
          ("%s halves images %d times and takes (channels, h, w) with h and w multiples of %d:"
                  + " got %s. Take images of another size, or fewer levels: '%s:levels=...'.")
              .formatted(name, levels, multiple, input, name));
    }
    NetworkBuilder builder = Network.named(name, input);
    for (int level = 1; level <= levels; level++) {
      addConvolutions(builder, "down" + level, channels(level, options));
      if (level == levels) {
        builder.add("down" + level + ".drop", new Dropout(options.dropout()));
      }
      builder.add("down" + level + ".pool", MaxPool2d.of(2));
    }
    addConvolutions(builder, "bottom", channels(levels + 1, options));
    builder.add("bottom.drop", new Dropout(options.dropout()));
    for (int level = levels; level >= 1; level--) {
      String up = "up" + level;
      addStepUp(builder, stepUp, up, channels(level, options));
      String skip = "down" + level + (level == levels ? ".drop" : ".relu2");
      builder.add(up + ".concat", new Concat(), skip, up + ".up");
      addConvolutions(builder, up, channels(level, options));
    }
    return builder.add("out", Conv2d.of(classes, 1)).build();
  }

  private static int channels(int level, ModelOptions options) {
    return options.channels(BASE_CHANNELS << (level - 1));
  }

  private static void addConvolutions(NetworkBuilder builder, String name, int channels) {
    builder
        .add(name + ".conv1", Conv2d.of(channels, 3).padding(1))
        .add(name + ".relu1", Activation.relu())
        .add(name + ".conv2", Conv2d.of(channels, 3).padding(1))
        .add(name + ".relu2", Activation.relu());
  }

  private static void addStepUp(NetworkBuilder builder, StepUp step, String name, int channels) {
    switch (step) {
      case TRANSPOSED -> builder.add(name + ".up", ConvTranspose2d.of(channels, 2));
      case BILINEAR ->
          builder
              .add(name + ".resize", Upsample2d.bilinear(2))
              .add(name + ".up", Conv2d.of(channels, 3).padding(1));
    }
  }
}
