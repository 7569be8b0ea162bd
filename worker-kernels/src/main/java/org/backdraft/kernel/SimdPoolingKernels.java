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
    int rows = output.height();
    for (int row = 0; row < output.depth() * rows; row++) {
      int oz = row / rows;
      int oy = row % rows;
      int kzBegin = window.depth().firstTap(oz);
      int kzEnd = window.depth().tapEnd(oz, input.depth());
      int kyBegin = window.height().firstTap(oy);
      int kyEnd = window.height().tapEnd(oy, input.height());
      for (int ox = 0; ox < output.width(); ox++) {
        int kxBegin = window.width().firstTap(ox);
        int kxEnd = window.width().tapEnd(ox, input.width());
        int to = output.index(0, oz, oy, ox);
        int from = xBase + origin(window, input, oz, oy, ox);
        for (int c = 0; c < lanes; c += WIDTH) {
          maxPixel(
              window,
              input,
              x,
              from + c,
              kzBegin,
              kzEnd,
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
      int kzBegin,
      int kzEnd,
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
    int tapPitch = tapPitch(window, input);
    int rowPitch = rowPitch(window, input);
    int planePitch = planePitch(window, input);
    int taps = count(kzEnd - kzBegin, kyEnd - kyBegin, kxEnd - kxBegin);
    int kernelH = window.height().kernel();
    int kernelW = window.width().kernel();
    int kz = kzBegin;
    int ky = kyBegin;
    int kx = kxBegin;
    // One loop over all taps: C2 of JDK 17 boxes sums that live across two nested loops.
    for (int i = 0; i < taps; i++) {
      int at = from + kz * planePitch + ky * rowPitch + kx * tapPitch;
      FloatVector value = FloatVector.fromArray(FLOATS, x, at);
      FloatVector tap = FloatVector.broadcast(FLOATS, (float) ((kz * kernelH + ky) * kernelW + kx));
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
        if (ky == kyEnd) {
          ky = kyBegin;
          kz++;
        }
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
    int rows = output.height();
    for (int row = 0; row < output.depth() * rows; row++) {
      int oz = row / rows;
      int oy = row % rows;
      int kzBegin = window.depth().firstTap(oz);
      int kzEnd = window.depth().tapEnd(oz, input.depth());
      int kyBegin = window.height().firstTap(oy);
      int kyEnd = window.height().tapEnd(oy, input.height());
      for (int ox = 0; ox < output.width(); ox++) {
        int kxBegin = window.width().firstTap(ox);
        int kxEnd = window.width().tapEnd(ox, input.width());
        int from = output.index(0, oz, oy, ox);
        int to = dxBase + origin(window, input, oz, oy, ox);
        for (int c = 0; c < lanes; c += WIDTH) {
          scatterPixel(
              window,
              input,
              dx,
              to + c,
              kzBegin,
              kzEnd,
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
      int kzBegin,
      int kzEnd,
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
    int tapPitch = tapPitch(window, input);
    int rowPitch = rowPitch(window, input);
    int planePitch = planePitch(window, input);
    int taps = count(kzEnd - kzBegin, kyEnd - kyBegin, kxEnd - kxBegin);
    int kernelH = window.height().kernel();
    int kernelW = window.width().kernel();
    int kz = kzBegin;
    int ky = kyBegin;
    int kx = kxBegin;
    // One loop over all taps: C2 of JDK 17 boxes sums that live across two nested loops.
    for (int i = 0; i < taps; i++) {
      int at = to + kz * planePitch + ky * rowPitch + kx * tapPitch;
      float tap = (kz * kernelH + ky) * kernelW + kx;
      // Adding +0 where another tap won changes nothing: dx starts as +0 and is never −0.
      FloatVector share = zero.blend(gradient, winners.compare(VectorOperators.EQ, tap));
      FloatVector.fromArray(FLOATS, dx, at).add(share).intoArray(dx, at);
      kx++;
      if (kx == kxEnd) {
        kx = kxBegin;
        ky++;
        if (ky == kyEnd) {
          ky = kyBegin;
          kz++;
        }
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
    int tapPitch = tapPitch(window, input);
    int rowPitch = rowPitch(window, input);
    int planePitch = planePitch(window, input);
    int outputRows = output.height();
    for (int row = 0; row < output.depth() * outputRows; row++) {
      int oz = row / outputRows;
      int oy = row % outputRows;
      int kzBegin = window.depth().firstTap(oz);
      int kyBegin = window.height().firstTap(oy);
      int planes = window.depth().tapEnd(oz, input.depth()) - kzBegin;
      int rows = window.height().tapEnd(oy, input.height()) - kyBegin;
      int covered =
          window.depth().covered(oz, input.depth()) * window.height().covered(oy, input.height());
      int inner = kzBegin * planePitch + kyBegin * rowPitch;
      for (int ox = 0; ox < output.width(); ox++) {
        int kxBegin = window.width().firstTap(ox);
        int columns = window.width().tapEnd(ox, input.width()) - kxBegin;
        float taps = covered * window.width().covered(ox, input.width());
        int to = yBase + output.index(0, oz, oy, ox);
        int from = xBase + origin(window, input, oz, oy, ox) + inner + kxBegin * tapPitch;
        for (int c = 0; c < lanes; c += WIDTH) {
          averagePixel(
              x, from + c, planes, rows, columns, planePitch, rowPitch, tapPitch, taps, y, to + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.average(window, input, x, xBase, output, y, yBase, lanes);
    }
  }

  /** The mean of planes times rows times columns vectors, of which the first lies at xAt. */
  private static void averagePixel(
      float[] x,
      int xAt,
      int planes,
      int rows,
      int columns,
      int planePitch,
      int rowPitch,
      int columnPitch,
      float divisor,
      float[] y,
      int yAt) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int count = count(planes, rows, columns);
    int planeGap = planePitch - rows * rowPitch;
    int at = xAt;
    int row = 0;
    int column = 0;
    // One loop over all pixels: C2 of JDK 17 boxes sums that live across two nested loops.
    for (int i = 0; i < count; i++) {
      sum = sum.add(FloatVector.fromArray(FLOATS, x, at + column * columnPitch));
      column++;
      if (column == columns) {
        column = 0;
        at += rowPitch;
        row++;
        if (row == rows) {
          row = 0;
          at += planeGap;
        }
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
    int tapPitch = tapPitch(window, input);
    int rowPitch = rowPitch(window, input);
    int planePitch = planePitch(window, input);
    int outputRows = output.height();
    for (int row = 0; row < output.depth() * outputRows; row++) {
      int oz = row / outputRows;
      int oy = row % outputRows;
      int kzBegin = window.depth().firstTap(oz);
      int kyBegin = window.height().firstTap(oy);
      int planes = window.depth().tapEnd(oz, input.depth()) - kzBegin;
      int rows = window.height().tapEnd(oy, input.height()) - kyBegin;
      int covered =
          window.depth().covered(oz, input.depth()) * window.height().covered(oy, input.height());
      int inner = kzBegin * planePitch + kyBegin * rowPitch;
      for (int ox = 0; ox < output.width(); ox++) {
        int kxBegin = window.width().firstTap(ox);
        int columns = window.width().tapEnd(ox, input.width()) - kxBegin;
        float taps = covered * window.width().covered(ox, input.width());
        int from = dyBase + output.index(0, oz, oy, ox);
        int to = dxBase + origin(window, input, oz, oy, ox) + inner + kxBegin * tapPitch;
        for (int c = 0; c < lanes; c += WIDTH) {
          spreadPixel(
              dx,
              to + c,
              planes,
              rows,
              columns,
              planePitch,
              rowPitch,
              tapPitch,
              taps,
              dy,
              from + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.scatterEvenly(window, output, dy, dyBase, input, dx, dxBase, lanes);
    }
  }

  /** Adds dy / divisor to planes times rows times columns vectors. */
  private static void spreadPixel(
      float[] dx,
      int dxAt,
      int planes,
      int rows,
      int columns,
      int planePitch,
      int rowPitch,
      int columnPitch,
      float divisor,
      float[] dy,
      int dyAt) {
    FloatVector share = FloatVector.fromArray(FLOATS, dy, dyAt).div(divisor);
    int count = count(planes, rows, columns);
    int planeGap = planePitch - rows * rowPitch;
    int start = dxAt;
    int row = 0;
    int column = 0;
    // One loop over all pixels: C2 of JDK 17 boxes vectors that live across two nested loops.
    for (int i = 0; i < count; i++) {
      int at = start + column * columnPitch;
      FloatVector.fromArray(FLOATS, dx, at).add(share).intoArray(dx, at);
      column++;
      if (column == columns) {
        column = 0;
        start += rowPitch;
        row++;
        if (row == rows) {
          row = 0;
          start += planeGap;
        }
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
          averagePixel(
              x, from + c, 1, height, width, 0, rowPitch, input.pitch(), pixels, y, to + c);
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
          spreadPixel(
              dx, to + c, 1, height, width, 0, rowPitch, input.pitch(), pixels, dy, from + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.scatterAdaptively(
          rows, columns, output, dy, dyBase, input, dx, dxBase, lanes);
    }
  }

  /** Where the first tap of an output pixel lies, be it outside of the input. */
  private static int origin(Window window, ActivationLayout input, int oz, int oy, int ox) {
    return input.index(
        0, window.depth().origin(oz), window.height().origin(oy), window.width().origin(ox));
  }

  private static int tapPitch(Window window, ActivationLayout input) {
    return window.width().dilation() * input.pitch();
  }

  private static int rowPitch(Window window, ActivationLayout input) {
    return window.height().dilation() * input.width() * input.pitch();
  }

  private static int planePitch(Window window, ActivationLayout input) {
    return window.depth().dilation() * input.height() * input.width() * input.pitch();
  }

  /** How many taps, of which there may be fewer than none along an axis. */
  private static int count(int planes, int rows, int columns) {
    return Math.max(0, planes) * Math.max(0, rows) * Math.max(0, columns);
  }
}
