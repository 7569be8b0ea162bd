package org.backdraft.zoo;

import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Conv3d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool3d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.nn.ShapeException;
import org.backdraft.tensor.Shape;

/**
 * C3D, the network for clips of figure 3 in Tran et al. 2015, <em>Learning spatiotemporal features
 * with 3D convolutional networks</em>: eight convolutions of 3×3×3 in five stages, each ended by
 * max pooling (the first of which leaves the frames alone), and two hidden layers of 4096 units.
 *
 * <p>78 409 573 parameters for colour clips of 16 frames of 112×112 and the 101 classes of UCF-101,
 * of which 27 655 936 are in convolutions. The last pooling counts windows that are cut off, as the
 * authors' Caffe does: 7 rows become 4, and 8192 features reach the first linear layer.
 * Convolutions and linear layers have the authors' names: {@code conv1a} to {@code conv5b}, {@code
 * fc6} to {@code fc8}.
 */
final class C3d {
  private static final String[][] STAGES = {
    {"1a"}, {"2a"}, {"3a", "3b"}, {"4a", "4b"}, {"5a", "5b"}
  };
  private static final int[] CHANNELS = {64, 128, 256, 512, 512};

  /** Frames of a clip, and the factor by which pooling reduces height and width. */
  private static final int LEAST_FRAMES = 16;

  private C3d() {}

  static Network network(Shape input, int classes, ModelOptions options) {
    if (!input.isVolume() || input.dim(1) < LEAST_FRAMES) {
      throw new ShapeException(
          "c3d takes clips of at least %d frames, (channels, frames, h, w): got %s."
              .formatted(LEAST_FRAMES, input));
    }
    NetworkBuilder builder = Network.named("c3d", input);
    for (int stage = 0; stage < STAGES.length; stage++) {
      for (String name : STAGES[stage]) {
        builder.add("conv" + name, Conv3d.of(options.channels(CHANNELS[stage]), 3).padding(1));
        builder.add("relu" + name, Activation.relu());
      }
      builder.add("pool" + (stage + 1), new MaxPool3d(pool(stage), stage == STAGES.length - 1));
    }
    return builder
        .add("flatten", new Flatten())
        .add("fc6", Linear.of(options.channels(4096)))
        .add("relu6", Activation.relu())
        .add("drop6", new Dropout(options.dropout()))
        .add("fc7", Linear.of(options.channels(4096)))
        .add("relu7", Activation.relu())
        .add("drop7", new Dropout(options.dropout()))
        .add("fc8", Linear.of(classes))
        .build();
  }

  private static Window pool(int stage) {
    Window cube = Window.cube(2, 2, 0);
    return stage == 0 ? new Window(WindowAxis.POINT, cube.height(), cube.width()) : cube;
  }
}
