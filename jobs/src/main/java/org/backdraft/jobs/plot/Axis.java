package org.backdraft.jobs.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * One axis of a chart: where values lie between 0 and 1, and where its ticks are.
 *
 * @param low the value at 0
 * @param high the value at 1, above {@code low}
 * @param isLogarithmic whether equal factors, not equal differences, are equally long; then both
 *     are above 0
 */
record Axis(double low, double high, boolean isLogarithmic) {
  private static final int MOST_TICKS = 6;

  /** What is added at both ends, as a part of the range. */
  private static final double MARGIN = 0.03;

  record Tick(double value, String text) {}

  /**
   * An axis that all finite values lie on; a logarithmic one leaves out those that are not above 0.
   */
  static Axis of(DoubleStream values, boolean isLogarithmic) {
    double[] shown =
        values.filter(v -> Double.isFinite(v) && (!isLogarithmic || v > 0)).sorted().toArray();
    if (shown.length == 0) {
      return new Axis(isLogarithmic ? 1 : 0, isLogarithmic ? 10 : 1, isLogarithmic);
    }
    double low = scaled(shown[0], isLogarithmic);
    double high = scaled(shown[shown.length - 1], isLogarithmic);
    double margin = high > low ? MARGIN * (high - low) : Math.max(0.5, MARGIN * Math.abs(low));
    return new Axis(
        unscaled(low - margin, isLogarithmic),
        unscaled(high + margin, isLogarithmic),
        isLogarithmic);
  }

  private static double scaled(double value, boolean isLogarithmic) {
    return isLogarithmic ? StrictMath.log10(value) : value;
  }

  private static double unscaled(double value, boolean isLogarithmic) {
    return isLogarithmic ? StrictMath.pow(10, value) : value;
  }

  /** Whether a value has a place at all. */
  boolean shows(double value) {
    return Double.isFinite(value) && (!isLogarithmic || value > 0);
  }

  /** 0 at {@code low}, 1 at {@code high}. */
  double place(double value) {
    double begin = scaled(low, isLogarithmic);
    double end = scaled(high, isLogarithmic);
    return (scaled(value, isLogarithmic) - begin) / (end - begin);
  }

  /** Round values within the range: powers of ten, or multiples of 1, 2 or 5 times one. */
  List<Tick> ticks() {
    double begin = scaled(low, isLogarithmic);
    double end = scaled(high, isLogarithmic);
    double step = step((end - begin) / MOST_TICKS);
    if (isLogarithmic) {
      step = Math.max(1, Math.ceil(step));
    }
    List<Tick> ticks = new ArrayList<>();
    for (double n = Math.ceil(begin / step); n * step <= end; n++) {
      ticks.add(
          isLogarithmic
              ? new Tick(unscaled(n * step, true), "1e%d".formatted(Math.round(n * step)))
              : new Tick(n * step, text(n * step, step)));
    }
    return ticks;
  }

  /** The least of 1, 2 and 5 times a power of ten that is not below {@code least}. */
  private static double step(double least) {
    double power = StrictMath.pow(10, Math.floor(StrictMath.log10(least)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= least) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static String text(double value, double step) {
    int digits = (int) Math.max(0, -Math.floor(StrictMath.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", value + 0.0);
  }
}
