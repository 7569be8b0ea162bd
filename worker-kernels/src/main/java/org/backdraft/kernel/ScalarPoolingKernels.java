package org.backdraft.kernel;

import java.util.Arrays;
import org.backdraft.tensor.ActivationLayout;

/**
 * The readable truth of {@link PoolingKernels}. The static methods work on the channels from {@code
 * channelBegin} on, which is what the SIMD twin leaves over.
 */
final class ScalarPoolingKernels implements PoolingKernels {
  @Override
  public void max(
      Window window,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase,
      short[] winner,
      int winnerBase) {
    max(window, input, x, xBase, output, y, yBase, winner, winnerBase, 0);
  }

  @Override
  public void maxBackward(
      Window window,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      short[] winner,
      int winnerBase,
      ActivationLayout input,
      float[] dx,
      int dxBase) {
    Arrays.fill(dx, dxBase, dxBase + input.size(), 0f);
    scatterToWinners(window, output, dy, dyBase, winner, winnerBase, input, dx, dxBase, 0);
  }

  @Override
  public void average(
      Window window,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase) {
    average(window, input, x, xBase, output, y, yBase, 0);
  }

  @Override
  public void averageBackward(
      Window window,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase) {
    Arrays.fill(dx, dxBase, dxBase + input.size(), 0f);
    scatterEvenly(window, output, dy, dyBase, input, dx, dxBase, 0);
  }

  @Override
  public void adaptiveAverage(
      AdaptiveAxis rows,
      AdaptiveAxis columns,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase) {
    adaptiveAverage(rows, columns, input, x, xBase, output, y, yBase, 0);
  }

  @Override
  public void adaptiveAverageBackward(
      AdaptiveAxis rows,
      AdaptiveAxis columns,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase) {
    Arrays.fill(dx, dxBase, dxBase + input.size(), 0f);
    scatterAdaptively(rows, columns, output, dy, dyBase, input, dx, dxBase, 0);
  }

  static void max(
      Window window,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase,
      short[] winner,
      int winnerBase,
      int channelBegin) {
    for (int pixel = 0; pixel < output.pixels(); pixel++) {
      for (int c = channelBegin; c < output.channels(); c++) {
        float best = Float.NEGATIVE_INFINITY;
        int bestTap = -1;
        for (int tap = 0; tap < window.taps(); tap++) {
          int at = offset(window, input, output, pixel, tap);
          if (at < 0) {
            continue;
          }
          float value = x[xBase + at + c];
          if (bestTap < 0 || value > best || (Float.isNaN(value) && !Float.isNaN(best))) {
            best = value;
            bestTap = tap;
          }
        }
        int to = pixel * output.pitch() + c;
        y[yBase + to] = best;
        winner[winnerBase + to] = (short) bestTap;
      }
    }
  }

  static void scatterToWinners(
      Window window,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      short[] winner,
      int winnerBase,
      ActivationLayout input,
      float[] dx,
      int dxBase,
      int channelBegin) {
    for (int pixel = 0; pixel < output.pixels(); pixel++) {
      for (int c = channelBegin; c < output.channels(); c++) {
        int from = pixel * output.pitch() + c;
        int tap = winner[winnerBase + from];
        if (tap >= 0) {
          dx[dxBase + offset(window, input, output, pixel, tap) + c] += dy[dyBase + from];
        }
      }
    }
  }

  static void average(
      Window window,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase,
      int channelBegin) {
    for (int pixel = 0; pixel < output.pixels(); pixel++) {
      float taps = coveredTaps(window, input, output, pixel);
      for (int c = channelBegin; c < output.channels(); c++) {
        float sum = 0;
        for (int tap = 0; tap < window.taps(); tap++) {
          int at = offset(window, input, output, pixel, tap);
          if (at >= 0) {
            sum += x[xBase + at + c];
          }
        }
        y[yBase + pixel * output.pitch() + c] = sum / taps;
      }
    }
  }

  static void scatterEvenly(
      Window window,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase,
      int channelBegin) {
    for (int pixel = 0; pixel < output.pixels(); pixel++) {
      float taps = coveredTaps(window, input, output, pixel);
      for (int tap = 0; tap < window.taps(); tap++) {
        int at = offset(window, input, output, pixel, tap);
        for (int c = channelBegin; c < output.channels() && at >= 0; c++) {
          dx[dxBase + at + c] += dy[dyBase + pixel * output.pitch() + c] / taps;
        }
      }
    }
  }

  static void adaptiveAverage(
      AdaptiveAxis rows,
      AdaptiveAxis columns,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase,
      int channelBegin) {
    for (int oy = 0; oy < output.height(); oy++) {
      for (int ox = 0; ox < output.width(); ox++) {
        int pixels = (rows.end(oy) - rows.begin(oy)) * (columns.end(ox) - columns.begin(ox));
        for (int c = channelBegin; c < output.channels(); c++) {
          float sum = 0;
          for (int iy = rows.begin(oy); iy < rows.end(oy); iy++) {
            for (int ix = columns.begin(ox); ix < columns.end(ox); ix++) {
              sum += x[xBase + input.index(c, iy, ix)];
            }
          }
          y[yBase + output.index(c, oy, ox)] = sum / pixels;
        }
      }
    }
  }

  static void scatterAdaptively(
      AdaptiveAxis rows,
      AdaptiveAxis columns,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase,
      int channelBegin) {
    for (int oy = 0; oy < output.height(); oy++) {
      for (int ox = 0; ox < output.width(); ox++) {
        int pixels = (rows.end(oy) - rows.begin(oy)) * (columns.end(ox) - columns.begin(ox));
        for (int iy = rows.begin(oy); iy < rows.end(oy); iy++) {
          for (int ix = columns.begin(ox); ix < columns.end(ox); ix++) {
            for (int c = channelBegin; c < output.channels(); c++) {
              dx[dxBase + input.index(c, iy, ix)] += dy[dyBase + output.index(c, oy, ox)] / pixels;
            }
          }
        }
      }
    }
  }

  /** Taps of a window that lie in the input or its padding. */
  private static int coveredTaps(
      Window window, ActivationLayout input, ActivationLayout output, int pixel) {
    return window.depth().covered(z(output, pixel), input.depth())
        * window.height().covered(y(output, pixel), input.height())
        * window.width().covered(x(output, pixel), input.width());
  }

  /** Where the pixel under a tap starts, −1 in the padding. */
  private static int offset(
      Window window, ActivationLayout input, ActivationLayout output, int pixel, int tap) {
    int z = window.depth().origin(z(output, pixel)) + window.tapZ(tap) * window.depth().dilation();
    int y =
        window.height().origin(y(output, pixel)) + window.tapY(tap) * window.height().dilation();
    int x = window.width().origin(x(output, pixel)) + window.tapX(tap) * window.width().dilation();
    return input.contains(z, y, x) ? input.index(0, z, y, x) : -1;
  }

  private static int z(ActivationLayout layout, int pixel) {
    return pixel / (layout.height() * layout.width());
  }

  private static int y(ActivationLayout layout, int pixel) {
    return pixel / layout.width() % layout.height();
  }

  private static int x(ActivationLayout layout, int pixel) {
    return pixel % layout.width();
  }
}
