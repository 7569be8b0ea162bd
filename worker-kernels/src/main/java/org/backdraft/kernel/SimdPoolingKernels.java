package org.backdraft.kernel;

import static org.backdraft.kernel.ElementaryConstants.MAGIC;
import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.INTS;
import static org.backdraft.kernel.SimdSpecies.SHORTS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.backdraft.tensor.ActivationLayout;

/**
 * The SIMD twin of {@link ScalarPoolingKernels}, with vectors along channels. Where both layouts
 * have the lanes, the last vector takes padding lanes along (and writes them); else the channels
 * past the last whole vector are left to the scalar twin.
 *
 * <p>The numbers of taps are carried as floats, in which all of them are exact, so that comparing
 * and choosing stay in one kind of vector.
 */
final class SimdPoolingKernels implements PoolingKernels {
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
    int lanes = SimdSpecies.channelLanes(input, output);
    for (int oy = 0; oy < output.height(); oy++) {
      int y0 = oy * window.strideH() - window.paddingH();
      int kyBegin = firstTap(y0, window.dilationH(), window.kernelH());
      int kyEnd = tapEnd(y0, window.dilationH(), window.kernelH(), input.height());
      for (int ox = 0; ox < output.width(); ox++) {
        int x0 = ox * window.strideW() - window.paddingW();
        int kxBegin = firstTap(x0, window.dilationW(), window.kernelW());
        int kxEnd = tapEnd(x0, window.dilationW(), window.kernelW(), input.width());
        int to = output.index(0, oy, ox);
        int from = xBase + (y0 * input.width() + x0) * input.pitch();
        for (int c = 0; c < lanes; c += WIDTH) {
          maxPixel(
              window,
              input,
              x,
              from + c,
              kyBegin,
              kyEnd,
              kxBegin,
              kxEnd,
              y,
              yBase + to + c,
              winner,
              winnerBase + to + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.max(
          window, input, x, xBase, output, y, yBase, winner, winnerBase, lanes);
    }
  }

  private static void maxPixel(
      Window window,
      ActivationLayout input,
      float[] x,
      int from,
      int kyBegin,
      int kyEnd,
      int kxBegin,
      int kxEnd,
      float[] y,
      int yAt,
      short[] winner,
      int winnerAt) {
    FloatVector best = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector bestTap = FloatVector.broadcast(FLOATS, -1f);
    int tapPitch = window.dilationW() * input.pitch();
    int rowPitch = window.dilationH() * input.width() * input.pitch();
    int taps = Math.max(0, kyEnd - kyBegin) * Math.max(0, kxEnd - kxBegin);
    int ky = kyBegin;
    int kx = kxBegin;
    // One loop over all taps: C2 of JDK 17 boxes sums that live across two nested loops.
    for (int i = 0; i < taps; i++) {
      int at = from + ky * rowPitch + kx * tapPitch;
      FloatVector value = FloatVector.fromArray(FLOATS, x, at);
      FloatVector tap = FloatVector.broadcast(FLOATS, (float) (ky * window.kernelW() + kx));
      // The old one stays where it is at least the new one, or NaN; the first always goes.
      VectorMask<Float> behind = value.compare(VectorOperators.LE, best);
      VectorMask<Float> decided = best.compare(VectorOperators.NE, best);
      VectorMask<Float> fresh = bestTap.compare(VectorOperators.LT, 0f);
      FloatVector newBest = value.blend(best, behind).blend(best, decided).blend(value, fresh);
      bestTap = tap.blend(bestTap, behind).blend(bestTap, decided).blend(tap, fresh);
      best = newBest;
      kx++;
      if (kx == kxEnd) {
        kx = kxBegin;
        ky++;
      }
    }
    best.intoArray(y, yAt);
    ShortVector winners =
        (ShortVector)
            bestTap.add(MAGIC).reinterpretAsInts().convertShape(VectorOperators.I2S, SHORTS, 0);
    winners.intoArray(winner, winnerAt);
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
    int lanes = SimdSpecies.channelLanes(input, output);
    for (int oy = 0; oy < output.height(); oy++) {
      int y0 = oy * window.strideH() - window.paddingH();
      int kyBegin = firstTap(y0, window.dilationH(), window.kernelH());
      int kyEnd = tapEnd(y0, window.dilationH(), window.kernelH(), input.height());
      for (int ox = 0; ox < output.width(); ox++) {
        int x0 = ox * window.strideW() - window.paddingW();
        int kxBegin = firstTap(x0, window.dilationW(), window.kernelW());
        int kxEnd = tapEnd(x0, window.dilationW(), window.kernelW(), input.width());
        int from = output.index(0, oy, ox);
        int to = dxBase + (y0 * input.width() + x0) * input.pitch();
        for (int c = 0; c < lanes; c += WIDTH) {
          scatterPixel(
              window,
              input,
              dx,
              to + c,
              kyBegin,
              kyEnd,
              kxBegin,
              kxEnd,
              dy,
              dyBase + from + c,
              winner,
              winnerBase + from + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.scatterToWinners(
          window, output, dy, dyBase, winner, winnerBase, input, dx, dxBase, lanes);
    }
  }

  private static void scatterPixel(
      Window window,
      ActivationLayout input,
      float[] dx,
      int to,
      int kyBegin,
      int kyEnd,
      int kxBegin,
      int kxEnd,
      float[] dy,
      int dyAt,
      short[] winner,
      int winnerAt) {
    FloatVector gradient = FloatVector.fromArray(FLOATS, dy, dyAt);
    FloatVector winners =
        (FloatVector)
            ShortVector.fromArray(SHORTS, winner, winnerAt)
                .convertShape(VectorOperators.S2I, INTS, 0)
                .convertShape(VectorOperators.I2F, FLOATS, 0);
    FloatVector zero = FloatVector.zero(FLOATS);
    int tapPitch = window.dilationW() * input.pitch();
    int rowPitch = window.dilationH() * input.width() * input.pitch();
    int taps = Math.max(0, kyEnd - kyBegin) * Math.max(0, kxEnd - kxBegin);
    int ky = kyBegin;
    int kx = kxBegin;
    // One loop over all taps: C2 of JDK 17 boxes sums that live across two nested loops.
    for (int i = 0; i < taps; i++) {
      int at = to + ky * rowPitch + kx * tapPitch;
      float tap = ky * window.kernelW() + kx;
      // Adding +0 where another tap won changes nothing: dx starts as +0 and is never −0.
      FloatVector share = zero.blend(gradient, winners.compare(VectorOperators.EQ, tap));
      FloatVector.fromArray(FLOATS, dx, at).add(share).intoArray(dx, at);
      kx++;
      if (kx == kxEnd) {
        kx = kxBegin;
        ky++;
      }
    }
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
    int lanes = SimdSpecies.channelLanes(input, output);
    int tapPitch = window.dilationW() * input.pitch();
    int rowPitch = window.dilationH() * input.width() * input.pitch();
    for (int oy = 0; oy < output.height(); oy++) {
      int y0 = oy * window.strideH() - window.paddingH();
      int kyBegin = firstTap(y0, window.dilationH(), window.kernelH());
      int rows = tapEnd(y0, window.dilationH(), window.kernelH(), input.height()) - kyBegin;
      for (int ox = 0; ox < output.width(); ox++) {
        int x0 = ox * window.strideW() - window.paddingW();
        int kxBegin = firstTap(x0, window.dilationW(), window.kernelW());
        int columns = tapEnd(x0, window.dilationW(), window.kernelW(), input.width()) - kxBegin;
        float taps =
            window.coveredRows(oy, input.height()) * window.coveredColumns(ox, input.width());
        int to = yBase + output.index(0, oy, ox);
        int from = xBase + (y0 * input.width() + x0) * input.pitch();
        for (int c = 0; c < lanes; c += WIDTH) {
          int first = from + c + kyBegin * rowPitch + kxBegin * tapPitch;
          averagePixel(x, first, rows, columns, rowPitch, tapPitch, taps, y, to + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.average(window, input, x, xBase, output, y, yBase, lanes);
    }
  }

  /** The mean of {@code rows} times {@code columns} vectors, of which the first lies at xAt. */
  private static void averagePixel(
      float[] x,
      int xAt,
      int rows,
      int columns,
      int rowPitch,
      int columnPitch,
      float divisor,
      float[] y,
      int yAt) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int count = Math.max(0, rows) * Math.max(0, columns);
    int row = xAt;
    int column = 0;
    // One loop over all pixels: C2 of JDK 17 boxes sums that live across two nested loops.
    for (int i = 0; i < count; i++) {
      sum = sum.add(FloatVector.fromArray(FLOATS, x, row + column * columnPitch));
      column++;
      if (column == columns) {
        column = 0;
        row += rowPitch;
      }
    }
    sum.div(divisor).intoArray(y, yAt);
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
    int lanes = SimdSpecies.channelLanes(input, output);
    int tapPitch = window.dilationW() * input.pitch();
    int rowPitch = window.dilationH() * input.width() * input.pitch();
    for (int oy = 0; oy < output.height(); oy++) {
      int y0 = oy * window.strideH() - window.paddingH();
      int kyBegin = firstTap(y0, window.dilationH(), window.kernelH());
      int rows = tapEnd(y0, window.dilationH(), window.kernelH(), input.height()) - kyBegin;
      for (int ox = 0; ox < output.width(); ox++) {
        int x0 = ox * window.strideW() - window.paddingW();
        int kxBegin = firstTap(x0, window.dilationW(), window.kernelW());
        int columns = tapEnd(x0, window.dilationW(), window.kernelW(), input.width()) - kxBegin;
        float taps =
            window.coveredRows(oy, input.height()) * window.coveredColumns(ox, input.width());
        int from = dyBase + output.index(0, oy, ox);
        int to = dxBase + (y0 * input.width() + x0) * input.pitch();
        for (int c = 0; c < lanes; c += WIDTH) {
          int first = to + c + kyBegin * rowPitch + kxBegin * tapPitch;
          spreadPixel(dx, first, rows, columns, rowPitch, tapPitch, taps, dy, from + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.scatterEvenly(window, output, dy, dyBase, input, dx, dxBase, lanes);
    }
  }

  /** Adds dy / divisor to {@code rows} times {@code columns} vectors. */
  private static void spreadPixel(
      float[] dx,
      int dxAt,
      int rows,
      int columns,
      int rowPitch,
      int columnPitch,
      float divisor,
      float[] dy,
      int dyAt) {
    FloatVector share = FloatVector.fromArray(FLOATS, dy, dyAt).div(divisor);
    int count = Math.max(0, rows) * Math.max(0, columns);
    int row = dxAt;
    int column = 0;
    // One loop over all pixels: C2 of JDK 17 boxes vectors that live across two nested loops.
    for (int i = 0; i < count; i++) {
      int at = row + column * columnPitch;
      FloatVector.fromArray(FLOATS, dx, at).add(share).intoArray(dx, at);
      column++;
      if (column == columns) {
        column = 0;
        row += rowPitch;
      }
    }
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
    int lanes = SimdSpecies.channelLanes(input, output);
    int rowPitch = input.width() * input.pitch();
    for (int oy = 0; oy < output.height(); oy++) {
      int height = rows.end(oy) - rows.begin(oy);
      for (int ox = 0; ox < output.width(); ox++) {
        int width = columns.end(ox) - columns.begin(ox);
        float pixels = height * width;
        int to = yBase + output.index(0, oy, ox);
        int from = xBase + input.index(0, rows.begin(oy), columns.begin(ox));
        for (int c = 0; c < lanes; c += WIDTH) {
          averagePixel(x, from + c, height, width, rowPitch, input.pitch(), pixels, y, to + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.adaptiveAverage(rows, columns, input, x, xBase, output, y, yBase, lanes);
    }
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
    int lanes = SimdSpecies.channelLanes(input, output);
    int rowPitch = input.width() * input.pitch();
    for (int oy = 0; oy < output.height(); oy++) {
      int height = rows.end(oy) - rows.begin(oy);
      for (int ox = 0; ox < output.width(); ox++) {
        int width = columns.end(ox) - columns.begin(ox);
        float pixels = height * width;
        int from = dyBase + output.index(0, oy, ox);
        int to = dxBase + input.index(0, rows.begin(oy), columns.begin(ox));
        for (int c = 0; c < lanes; c += WIDTH) {
          spreadPixel(dx, to + c, height, width, rowPitch, input.pitch(), pixels, dy, from + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.scatterAdaptively(
          rows, columns, output, dy, dyBase, input, dx, dxBase, lanes);
    }
  }

  /** The first tap whose coordinate {@code origin + tap · dilation} is not negative. */
  private static int firstTap(int origin, int dilation, int kernel) {
    return origin >= 0 ? 0 : Math.min(kernel, (-origin + dilation - 1) / dilation);
  }

  /** One past the last tap whose coordinate lies below {@code extent}. */
  private static int tapEnd(int origin, int dilation, int kernel, int extent) {
    return origin >= extent ? 0 : Math.min(kernel, (extent - origin + dilation - 1) / dilation);
  }
}
