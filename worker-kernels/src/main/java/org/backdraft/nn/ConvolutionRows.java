package org.backdraft.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.PanelLayout;
import org.backdraft.kernel.RowPattern;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ActivationLayout;

/**
 * A convolution as matrix products: which elements form the rows of each product, and which weight
 * belongs to which row of its right operand.
 *
 * @param rows of the product
 * @param taps of the window that take part, as {@code ky · kernelW + kx}, in the order of the chain
 * @param channels of each tap
 */
record ConvolutionRows(RowPattern rows, int[] taps, int channels) {

  /**
   * Output pixels over an image without a halo: padding is rows of zeros.
   *
   * @param out the output, whose rows the product writes
   */
  static ConvolutionRows inPlace(Window window, ActivationLayout in, ActivationLayout out) {
    int pixels = out.pixels();
    int[] offsets = new int[window.taps() * pixels];
    for (int t = 0; t < window.taps(); t++) {
      int ky = t / window.kernelW();
      int kx = t % window.kernelW();
      for (int p = 0; p < pixels; p++) {
        int y = p / out.width() * window.strideH() - window.paddingH() + ky * window.dilationH();
        int x = p % out.width() * window.strideW() - window.paddingW() + kx * window.dilationW();
        offsets[t * pixels + p] = in.contains(y, x) ? in.index(0, y, x) : RowPattern.ZERO;
      }
    }
    int[] targets = RowPattern.multiples(pixels, out.pitch());
    RowPattern rows = new RowPattern(window.taps(), in.channels(), offsets, targets);
    return new ConvolutionRows(rows, ascending(window.taps()), in.channels());
  }

  /**
   * Output pixels over an image with a halo. Where pixels follow each other without padding lanes
   * and the window is dense along x, the taps of one filter row lie side by side in memory and are
   * one tap of depth kernelW · channels; the chain is the same.
   *
   * @param pitch of the image's pixels
   * @param rowWidth pixels from one row of the haloed image to the next
   */
  static ConvolutionRows overHalo(
      Window window, int channels, int pitch, int rowWidth, ActivationLayout out) {
    int[] rowOffsets = new int[out.pixels()];
    for (int p = 0; p < rowOffsets.length; p++) {
      int y = p / out.width() * window.strideH();
      int x = p % out.width() * window.strideW();
      rowOffsets[p] = (y * rowWidth + x) * pitch;
    }
    boolean joined = pitch == channels && window.dilationW() == 1;
    int tapsPerRow = joined ? 1 : window.kernelW();
    int[] tapOffsets = new int[window.kernelH() * tapsPerRow];
    for (int t = 0; t < tapOffsets.length; t++) {
      int ky = t / tapsPerRow;
      int kx = t % tapsPerRow;
      tapOffsets[t] = (ky * window.dilationH() * rowWidth + kx * window.dilationW()) * pitch;
    }
    int depth = joined ? window.kernelW() * channels : channels;
    RowPattern rows = RowPattern.uniform(rowOffsets, tapOffsets, depth, out.pitch());
    return new ConvolutionRows(rows, ascending(window.taps()), channels);
  }

  /**
   * Input pixels over the output's gradient, one product for each phase of the strides: pixels of
   * one phase are reached by the same taps, turned by 180 degrees. Pixels that no tap reaches are
   * in no product.
   *
   * @param in the input, whose gradient the products write
   * @param gradient the output's gradient, which they read
   */
  static List<ConvolutionRows> transposed(
      Window window, ActivationLayout in, ActivationLayout gradient) {
    List<ConvolutionRows> phases = new ArrayList<>();
    for (int phaseY = 0; phaseY < window.strideH(); phaseY++) {
      for (int phaseX = 0; phaseX < window.strideW(); phaseX++) {
        int[] taps = tapsOfPhase(window, phaseY, phaseX);
        int[] pixels = pixelsOfPhase(window, in, phaseY, phaseX);
        if (taps.length > 0 && pixels.length > 0) {
          phases.add(phase(window, in, gradient, taps, pixels));
        }
      }
    }
    return List.copyOf(phases);
  }

  private static int[] tapsOfPhase(Window window, int phaseY, int phaseX) {
    int[] taps = new int[window.taps()];
    int count = 0;
    for (int t = window.taps() - 1; t >= 0; t--) {
      int y = phaseY + window.paddingH() - t / window.kernelW() * window.dilationH();
      int x = phaseX + window.paddingW() - t % window.kernelW() * window.dilationW();
      if (y % window.strideH() == 0 && x % window.strideW() == 0) {
        taps[count++] = t;
      }
    }
    return Arrays.copyOf(taps, count);
  }

  private static int[] pixelsOfPhase(Window window, ActivationLayout in, int phaseY, int phaseX) {
    int[] pixels = new int[in.pixels()];
    int count = 0;
    for (int y = phaseY; y < in.height(); y += window.strideH()) {
      for (int x = phaseX; x < in.width(); x += window.strideW()) {
        pixels[count++] = y * in.width() + x;
      }
    }
    return Arrays.copyOf(pixels, count);
  }

  private static ConvolutionRows phase(
      Window window, ActivationLayout in, ActivationLayout gradient, int[] taps, int[] pixels) {
    int[] offsets = new int[taps.length * pixels.length];
    int[] targets = new int[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      int y = pixels[i] / in.width();
      int x = pixels[i] % in.width();
      targets[i] = in.index(0, y, x);
      for (int t = 0; t < taps.length; t++) {
        int ky = taps[t] / window.kernelW();
        int kx = taps[t] % window.kernelW();
        int gy = Math.floorDiv(y + window.paddingH() - ky * window.dilationH(), window.strideH());
        int gx = Math.floorDiv(x + window.paddingW() - kx * window.dilationW(), window.strideW());
        offsets[t * pixels.length + i] =
            gradient.contains(gy, gx) ? gradient.index(0, gy, gx) : RowPattern.ZERO;
      }
    }
    RowPattern rows = new RowPattern(taps.length, gradient.channels(), offsets, targets);
    return new ConvolutionRows(rows, taps, gradient.channels());
  }

  /**
   * The rows of a halo-less product of stride 1 as rows over an image with a halo, where short runs
   * of channels can be joined.
   *
   * @param rowWidth pixels from one row of the haloed image to the next
   */
  static ConvolutionRows transposedOverHalo(
      Window window, ActivationLayout in, ActivationLayout gradient, int rowWidth) {
    Window dense =
        new Window(
            window.kernelH(), window.kernelW(), 1, 1, 0, 0, window.dilationH(), window.dilationW());
    ConvolutionRows turned = overHalo(dense, gradient.channels(), gradient.pitch(), rowWidth, in);
    int[] taps = new int[window.taps()];
    for (int t = 0; t < taps.length; t++) {
      taps[t] = taps.length - 1 - t;
    }
    return new ConvolutionRows(turned.rows, taps, gradient.channels());
  }

  private static int[] ascending(int count) {
    return RowPattern.multiples(count, 1);
  }

  /**
   * The matrix of weights {@code (out, channels, kernelH, kernelW)} for a forward product.
   *
   * @param windowTaps kernelH · kernelW
   */
  PackedWeights forwardWeights(MatrixKernels kernels, int out, int windowTaps) {
    return new PackedWeights(
        kernels,
        new PanelLayout(rows.taps(), rows.depth(), out),
        weightOffsets(windowTaps),
        channels * windowTaps);
  }

  /**
   * The matrix of weights {@code (channels, in, kernelH, kernelW)} for a product that takes
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
