package org.backdraft.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.PanelLayout;
import org.backdraft.kernel.RowPattern;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.ActivationLayout;

/**
 * A convolution as matrix products: which elements form the rows of each product, and which weight
 * belongs to which row of its right operand. Images are volumes of depth 1.
 *
 * <p>Where channels come in groups, these are the rows of the first group; those of the others lie
 * at a distance.
 *
 * @param rows of the product
 * @param taps of the window that take part, in the order of the chain
 * @param channels of each tap
 */
record ConvolutionRows(RowPattern rows, int[] taps, int channels) {

  /**
   * Output pixels over a volume without a halo: padding is rows of zeros.
   *
   * @param channels of a group
   * @param out the output, whose rows the product writes
   */
  static ConvolutionRows inPlace(
      Window window, ActivationLayout in, int channels, ActivationLayout out) {
    int[] offsets = new int[window.taps() * out.pixels()];
    int i = 0;
    for (int t = 0; t < window.taps(); t++) {
      int tapZ = window.tapZ(t) * window.depth().dilation();
      int tapY = window.tapY(t) * window.height().dilation();
      int tapX = window.tapX(t) * window.width().dilation();
      for (int oz = 0; oz < out.depth(); oz++) {
        int z = window.depth().origin(oz) + tapZ;
        for (int oy = 0; oy < out.height(); oy++) {
          int y = window.height().origin(oy) + tapY;
          for (int ox = 0; ox < out.width(); ox++) {
            int x = window.width().origin(ox) + tapX;
            offsets[i++] = offset(in, z, y, x);
          }
        }
      }
    }
    int[] targets = RowPattern.multiples(out.pixels(), out.pitch());
    RowPattern rows = new RowPattern(window.taps(), channels, offsets, targets);
    return new ConvolutionRows(rows, ascending(window.taps()), channels);
  }

  private static int offset(ActivationLayout layout, int z, int y, int x) {
    return layout.contains(z, y, x) ? layout.index(0, z, y, x) : RowPattern.ZERO;
  }

  /**
   * Output pixels over a volume with a halo. Where pixels follow each other without padding lanes
   * and the window is dense along x, the taps of one filter row lie side by side in memory and are
   * one tap of depth kernelW · channels; the chain is the same.
   *
   * @param channels of a group
   */
  static ConvolutionRows overHalo(Window window, int channels, Halo halo, ActivationLayout out) {
    int[] rowOffsets = new int[out.pixels()];
    int i = 0;
    for (int z = 0; z < out.depth(); z++) {
      for (int y = 0; y < out.height(); y++) {
        for (int x = 0; x < out.width(); x++) {
          rowOffsets[i++] =
              halo.index(
                  z * window.depth().stride(),
                  y * window.height().stride(),
                  x * window.width().stride());
        }
      }
    }
    boolean joined = halo.pitch() == channels && window.width().dilation() == 1;
    int step = joined ? window.width().kernel() : 1;
    int[] tapOffsets = new int[window.taps() / step];
    for (int t = 0; t < tapOffsets.length; t++) {
      tapOffsets[t] =
          halo.index(
              window.tapZ(t * step) * window.depth().dilation(),
              window.tapY(t * step) * window.height().dilation(),
              window.tapX(t * step) * window.width().dilation());
    }
    RowPattern rows = RowPattern.uniform(rowOffsets, tapOffsets, step * channels, out.pitch());
    return new ConvolutionRows(rows, ascending(window.taps()), channels);
  }

  /**
   * Input pixels over the output's gradient, one product for each phase of the strides: pixels of
   * one phase are reached by the same taps, turned by 180 degrees. Pixels that no tap reaches are
   * in a product without terms.
   *
   * @param in the input, whose gradient the products write
   * @param gradient the output's gradient, which they read
   * @param channels of a group of the output
   */
  static List<ConvolutionRows> transposed(
      Window window, ActivationLayout in, ActivationLayout gradient, int channels) {
    List<ConvolutionRows> phases = new ArrayList<>();
    for (int phaseZ = 0; phaseZ < window.depth().stride(); phaseZ++) {
      for (int phaseY = 0; phaseY < window.height().stride(); phaseY++) {
        for (int phaseX = 0; phaseX < window.width().stride(); phaseX++) {
          int[] taps = tapsOfPhase(window, phaseZ, phaseY, phaseX);
          int[] targets = pixelsOfPhase(window, in, phaseZ, phaseY, phaseX);
          if (targets.length > 0) {
            int[] offsets = offsetsOfPhase(window, in, gradient, taps, targets);
            RowPattern rows = new RowPattern(taps.length, channels, offsets, targets);
            phases.add(new ConvolutionRows(rows, taps, channels));
          }
        }
      }
    }
    return List.copyOf(phases);
  }

  private static int[] tapsOfPhase(Window window, int phaseZ, int phaseY, int phaseX) {
    int[] taps = new int[window.taps()];
    int count = 0;
    for (int t = window.taps() - 1; t >= 0; t--) {
      if (reaches(window.depth(), window.tapZ(t), phaseZ)
          && reaches(window.height(), window.tapY(t), phaseY)
          && reaches(window.width(), window.tapX(t), phaseX)) {
        taps[count++] = t;
      }
    }
    return Arrays.copyOf(taps, count);
  }

  private static boolean reaches(WindowAxis axis, int tap, int position) {
    return (position + axis.padding() - tap * axis.dilation()) % axis.stride() == 0;
  }

  private static int[] pixelsOfPhase(
      Window window, ActivationLayout in, int phaseZ, int phaseY, int phaseX) {
    int[] pixels = new int[in.pixels()];
    int count = 0;
    for (int z = phaseZ; z < in.depth(); z += window.depth().stride()) {
      for (int y = phaseY; y < in.height(); y += window.height().stride()) {
        for (int x = phaseX; x < in.width(); x += window.width().stride()) {
          pixels[count++] = in.index(0, z, y, x);
        }
      }
    }
    return Arrays.copyOf(pixels, count);
  }

  private static int[] offsetsOfPhase(
      Window window, ActivationLayout in, ActivationLayout gradient, int[] taps, int[] targets) {
    int[] offsets = new int[taps.length * targets.length];
    for (int i = 0; i < targets.length; i++) {
      int pixel = targets[i] / in.pitch();
      int z = pixel / (in.height() * in.width());
      int y = pixel / in.width() % in.height();
      int x = pixel % in.width();
      for (int t = 0; t < taps.length; t++) {
        int gz = window.depth().output(z, window.tapZ(taps[t]));
        int gy = window.height().output(y, window.tapY(taps[t]));
        int gx = window.width().output(x, window.tapX(taps[t]));
        offsets[t * targets.length + i] = offset(gradient, gz, gy, gx);
      }
    }
    return offsets;
  }

  /**
   * The rows of a halo-less product of stride 1 as rows over a volume with a halo, where short runs
   * of channels can be joined.
   *
   * @param halo of the output's gradient
   * @param channels of a group of the output
   */
  static ConvolutionRows transposedOverHalo(
      Window window, ActivationLayout in, Halo halo, int channels) {
    Window dense = window.withAxes(axis -> axis.withPadding(0));
    ConvolutionRows turned = overHalo(dense, channels, halo, in);
    int[] taps = new int[window.taps()];
    for (int t = 0; t < taps.length; t++) {
      taps[t] = taps.length - 1 - t;
    }
    return new ConvolutionRows(turned.rows, taps, channels);
  }

  private static int[] ascending(int count) {
    return RowPattern.multiples(count, 1);
  }

  /**
   * The matrix of a group's weights {@code (out, channels, window)} for a forward product.
   *
   * @param windowTaps all taps of the window
   */
  PackedWeights forwardWeights(MatrixKernels kernels, int out, int windowTaps) {
    return new PackedWeights(
        kernels,
        new PanelLayout(rows.taps(), rows.depth(), out),
        weightOffsets(windowTaps),
        channels * windowTaps);
  }

  /**
   * The matrix of a group's weights {@code (channels, in, window)} for a product that takes
   * gradients of the output back to the input; here {@code channels} are the output's.
   */
  PackedWeights backwardWeights(MatrixKernels kernels, int in, int windowTaps) {
    return new PackedWeights(
        kernels,
        new PanelLayout(rows.taps(), rows.depth(), in),
        weightOffsets(in * windowTaps),
        windowTaps);
  }

  private int[] weightOffsets(int channelStride) {
    int[] offsets = new int[taps.length * channels];
    for (int r = 0; r < offsets.length; r++) {
      offsets[r] = r % channels * channelStride + taps[r / channels];
    }
    return offsets;
  }
}
