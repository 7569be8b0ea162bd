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
  private final ThreadLocal<TapList> tapLists = ThreadLocal.withInitial(TapList::new);

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
    TapList taps = tapLists.get();
    taps.start(window, input);
    int rows = output.height();
    for (int row = 0; row < output.depth() * rows; row++) {
      int oz = row / rows;
      int oy = row % rows;
      for (int ox = 0; ox < output.width(); ox++) {
        taps.move(window, input, xBase, oz, oy, ox);
        int to = output.index(0, oz, oy, ox);
        if (taps.count == 0) {
          Arrays.fill(y, yBase + to, yBase + to + lanes, Float.NEGATIVE_INFINITY);
          Arrays.fill(winner, winnerBase + to, winnerBase + to + lanes, (short) -1);
          continue;
        }
        for (int c = 0; c < lanes; c += WIDTH) {
          maxPixel(taps, x, c, y, yBase + to + c, winner, winnerBase + to + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.max(
          window, input, x, xBase, output, y, yBase, winner, winnerBase, lanes);
    }
  }

  private static void maxPixel(
      TapList taps, float[] x, int c, float[] y, int yAt, short[] winner, int winnerAt) {
    int[] places = taps.places;
    float[] numbers = taps.numbers;
    int count = taps.count;
    FloatVector best = FloatVector.fromArray(FLOATS, x, places[0] + c);
    FloatVector bestTap = FloatVector.broadcast(FLOATS, numbers[0]);
    for (int i = 1; i < count; i++) {
      FloatVector value = FloatVector.fromArray(FLOATS, x, places[i] + c);
      FloatVector tap = FloatVector.broadcast(FLOATS, numbers[i]);
      // The old one stays where it is at least the new one, or NaN.
      VectorMask<Float> behind = value.compare(VectorOperators.LE, best);
      VectorMask<Float> decided = best.compare(VectorOperators.NE, best);
      FloatVector newBest = value.blend(best, behind).blend(best, decided);
      bestTap = tap.blend(bestTap, behind).blend(bestTap, decided);
      best = newBest;
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
    TapList taps = tapLists.get();
    taps.start(window, input);
    int rows = output.height();
    for (int row = 0; row < output.depth() * rows; row++) {
      int oz = row / rows;
      int oy = row % rows;
      for (int ox = 0; ox < output.width(); ox++) {
        taps.move(window, input, dxBase, oz, oy, ox);
        int from = output.index(0, oz, oy, ox);
        for (int c = 0; c < lanes; c += WIDTH) {
          scatterPixel(taps, dx, c, dy, dyBase + from + c, winner, winnerBase + from + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.scatterToWinners(
          window, output, dy, dyBase, winner, winnerBase, input, dx, dxBase, lanes);
    }
  }

  private static void scatterPixel(
      TapList taps, float[] dx, int c, float[] dy, int dyAt, short[] winner, int winnerAt) {
    FloatVector gradient = FloatVector.fromArray(FLOATS, dy, dyAt);
    FloatVector winners =
        (FloatVector)
            ShortVector.fromArray(SHORTS, winner, winnerAt)
                .convertShape(VectorOperators.S2I, INTS, 0)
                .convertShape(VectorOperators.I2F, FLOATS, 0);
    FloatVector zero = FloatVector.zero(FLOATS);
    int[] places = taps.places;
    float[] numbers = taps.numbers;
    int count = taps.count;
    for (int i = 0; i < count; i++) {
      int at = places[i] + c;
      // Adding +0 where another tap won changes nothing: dx starts as +0 and is never −0.
      FloatVector share = zero.blend(gradient, winners.compare(VectorOperators.EQ, numbers[i]));
      FloatVector.fromArray(FLOATS, dx, at).add(share).intoArray(dx, at);
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
    TapList taps = tapLists.get();
    taps.start(window, input);
    int rows = output.height();
    for (int row = 0; row < output.depth() * rows; row++) {
      int oz = row / rows;
      int oy = row % rows;
      for (int ox = 0; ox < output.width(); ox++) {
        taps.move(window, input, xBase, oz, oy, ox);
        float divisor = covered(window, input, oz, oy, ox);
        int to = yBase + output.index(0, oz, oy, ox);
        for (int c = 0; c < lanes; c += WIDTH) {
          averagePixel(taps, x, c, divisor, y, to + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.average(window, input, x, xBase, output, y, yBase, lanes);
    }
  }

  /** The mean of what lies under the taps. */
  private static void averagePixel(
      TapList taps, float[] x, int c, float divisor, float[] y, int yAt) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int[] places = taps.places;
    int count = taps.count;
    for (int i = 0; i < count; i++) {
      sum = sum.add(FloatVector.fromArray(FLOATS, x, places[i] + c));
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
    TapList taps = tapLists.get();
    taps.start(window, input);
    int rows = output.height();
    for (int row = 0; row < output.depth() * rows; row++) {
      int oz = row / rows;
      int oy = row % rows;
      for (int ox = 0; ox < output.width(); ox++) {
        taps.move(window, input, dxBase, oz, oy, ox);
        float divisor = covered(window, input, oz, oy, ox);
        int from = dyBase + output.index(0, oz, oy, ox);
        for (int c = 0; c < lanes; c += WIDTH) {
          spreadPixel(taps, dx, c, divisor, dy, from + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.scatterEvenly(window, output, dy, dyBase, input, dx, dxBase, lanes);
    }
  }

  /** Adds dy / divisor to what lies under the taps. */
  private static void spreadPixel(
      TapList taps, float[] dx, int c, float divisor, float[] dy, int dyAt) {
    FloatVector share = FloatVector.fromArray(FLOATS, dy, dyAt).div(divisor);
    int[] places = taps.places;
    int count = taps.count;
    for (int i = 0; i < count; i++) {
      int at = places[i] + c;
      FloatVector.fromArray(FLOATS, dx, at).add(share).intoArray(dx, at);
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
    TapList taps = tapLists.get();
    int rowPitch = input.width() * input.pitch();
    for (int oy = 0; oy < output.height(); oy++) {
      int height = rows.end(oy) - rows.begin(oy);
      for (int ox = 0; ox < output.width(); ox++) {
        int width = columns.end(ox) - columns.begin(ox);
        float pixels = height * width;
        int to = yBase + output.index(0, oy, ox);
        int first = xBase + input.index(0, rows.begin(oy), columns.begin(ox));
        taps.fill(first, height, width, rowPitch, input.pitch());
        for (int c = 0; c < lanes; c += WIDTH) {
          averagePixel(taps, x, c, pixels, y, to + c);
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
    TapList taps = tapLists.get();
    int rowPitch = input.width() * input.pitch();
    for (int oy = 0; oy < output.height(); oy++) {
      int height = rows.end(oy) - rows.begin(oy);
      for (int ox = 0; ox < output.width(); ox++) {
        int width = columns.end(ox) - columns.begin(ox);
        float pixels = height * width;
        int from = dyBase + output.index(0, oy, ox);
        int first = dxBase + input.index(0, rows.begin(oy), columns.begin(ox));
        taps.fill(first, height, width, rowPitch, input.pitch());
        for (int c = 0; c < lanes; c += WIDTH) {
          spreadPixel(taps, dx, c, pixels, dy, from + c);
        }
      }
    }
    if (lanes < output.channels()) {
      ScalarPoolingKernels.scatterAdaptively(
          rows, columns, output, dy, dyBase, input, dx, dxBase, lanes);
    }
  }

  /** Taps of a window that lie in the input or its padding. */
  private static int covered(Window window, ActivationLayout input, int oz, int oy, int ox) {
    return window.depth().covered(oz, input.depth())
        * window.height().covered(oy, input.height())
        * window.width().covered(ox, input.width());
  }

  /**
   * The taps under which an output pixel sees the input: worked out once for all channels, in one
   * row, since C2 of JDK 17 boxes sums that live across nested loops.
   */
  private static final class TapList {
    int[] places = new int[64];
    float[] numbers = new float[64];
    int count;

    /** Output columns whose windows lie within the input's columns. */
    private int wholeBegin;

    private int wholeEnd;

    /** Begins a pass over all output pixels, in order. */
    void start(Window window, ActivationLayout input) {
      WindowAxis width = window.width();
      wholeBegin = (width.padding() + width.stride() - 1) / width.stride();
      int last = input.width() - 1 - width.reach() + width.padding();
      wholeEnd = Math.floorDiv(last, width.stride()) + 1;
    }

    /**
     * Comes to the next output pixel.
     *
     * @param base of the input
     */
    void move(Window window, ActivationLayout input, int base, int oz, int oy, int ox) {
      if (ox <= wholeBegin || ox >= wholeEnd) {
        fill(window, input, base, oz, oy, ox);
        return;
      }
      int step = window.width().stride() * input.pitch();
      for (int i = 0; i < count; i++) {
        places[i] += step;
      }
    }

    private void fill(Window window, ActivationLayout input, int base, int oz, int oy, int ox) {
      reserve(window.taps());
      WindowAxis depth = window.depth();
      WindowAxis height = window.height();
      WindowAxis width = window.width();
      int zEnd = depth.tapEnd(oz, input.depth());
      int yEnd = height.tapEnd(oy, input.height());
      int xBegin = width.firstTap(ox);
      int xEnd = width.tapEnd(ox, input.width());
      int step = width.dilation() * input.pitch();
      int i = 0;
      for (int kz = depth.firstTap(oz); kz < zEnd; kz++) {
        int z = depth.origin(oz) + kz * depth.dilation();
        for (int ky = height.firstTap(oy); ky < yEnd; ky++) {
          int y = height.origin(oy) + ky * height.dilation();
          int row = base + input.index(0, z, y, width.origin(ox));
          int number = (kz * height.kernel() + ky) * width.kernel();
          for (int kx = xBegin; kx < xEnd; kx++) {
            places[i] = row + kx * step;
            numbers[i] = number + kx;
            i++;
          }
        }
      }
      count = i;
    }

    /** A dense rectangle, without numbers. */
    void fill(int first, int rows, int columns, int rowPitch, int pitch) {
      reserve(rows * columns);
      int i = 0;
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          places[i++] = first + row * rowPitch + column * pitch;
        }
      }
      count = i;
    }

    private void reserve(int taps) {
      if (taps > places.length) {
        places = new int[taps];
        numbers = new float[taps];
      }
    }
  }
}
