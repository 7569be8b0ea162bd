package org.backdraft.kernel;

import org.backdraft.tensor.Checks;

/**
 * Where the elements of one axis come from when it is resized: each is a mean of two neighbours of
 * the input, {@code (1 − fraction) · x[low] + fraction · x[high]}.
 *
 * <p>Immutable; shared by threads.
 */
public final class ResizeAxis {
  private final int[] low;
  private final int[] high;
  private final float[] fraction;

  private ResizeAxis(int out) {
    Checks.argument(out >= 1, "An axis must have at least 1 element: got %d.", out);
    low = new int[out];
    high = new int[out];
    fraction = new float[out];
  }

  /**
   * Each output is the input at {@code ⌊i · in / out⌋}: PyTorch's {@code nearest}, with the
   * quotient taken exactly.
   */
  public static ResizeAxis nearest(int in, int out) {
    ResizeAxis axis = new ResizeAxis(out);
    for (int i = 0; i < out; i++) {
      axis.low[i] = (int) ((long) i * in / out);
      axis.high[i] = axis.low[i];
    }
    return axis;
  }

  /**
   * Each output lies at {@code max(0, (i + ½) · in / out − ½)} between its neighbours; beyond the
   * last input it is that one. PyTorch's {@code bilinear} with {@code align_corners=False}.
   */
  public static ResizeAxis linear(int in, int out) {
    ResizeAxis axis = new ResizeAxis(out);
    for (int i = 0; i < out; i++) {
      // In multiples of 1 / (2 · out), so that nothing is rounded before the fraction.
      long at = Math.max(0, (2L * i + 1) * in - out);
      axis.low[i] = (int) (at / (2L * out));
      axis.high[i] = Math.min(axis.low[i] + 1, in - 1);
      axis.fraction[i] = (float) ((double) (at % (2L * out)) / (2L * out));
    }
    return axis;
  }

  /** Elements of the output. */
  public int length() {
    return low.length;
  }

  /** The lower neighbour. */
  public int low(int i) {
    return low[i];
  }

  /** The upper neighbour, or the lower one at the end of the axis. */
  public int high(int i) {
    return high[i];
  }

  /** The upper neighbour's share, in [0, 1). */
  public float fraction(int i) {
    return fraction[i];
  }
}
