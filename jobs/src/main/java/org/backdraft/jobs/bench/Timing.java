package org.backdraft.jobs.bench;

import java.util.Arrays;
import org.backdraft.tensor.Checks;

/**
 * How long some work takes once the JIT compiler has done its part.
 *
 * @param medianSeconds the middle one of the times of all measured runs
 * @param variation the coefficient of variation of these times: their standard deviation over their
 *     mean
 * @param runs that were measured
 * @param warmUpSeconds that went before
 * @param settled whether the warm-up ended because times had stopped falling, not because it had
 *     taken too long
 */
public record Timing(
    double medianSeconds, double variation, int runs, double warmUpSeconds, boolean settled) {
  private static final int LEAST_RUNS = 3;

  /** The warm-up goes by windows, this many of which take as long as a long measurement. */
  private static final int WINDOWS_PER_MEASUREMENT = 4;

  /** While C2 is at work on a large method, times stand still for some tenths of a second. */
  private static final double LEAST_WINDOW_SECONDS = 0.5;

  /** Times have stopped falling when this many windows in a row bring less than the gain below. */
  private static final int QUIET_WINDOWS = 3;

  private static final double LEAST_GAIN = 0.02;

  /** The warm-up takes at most this many windows. */
  private static final int MOST_WINDOWS = 24;

  /**
   * Repeats the work until its times have stopped falling, which takes two seconds at least, and at
   * most six times {@code seconds} (or twelve seconds); then times it for {@code seconds}, and
   * three times at least.
   *
   * @throws IllegalArgumentException if {@code seconds} is not above 0
   */
  public static Timing of(Runnable work, double seconds) {
    Checks.argument(seconds > 0, "seconds must be above 0: got %s.", seconds);
    double window = Math.max(LEAST_WINDOW_SECONDS, seconds / WINDOWS_PER_MEASUREMENT);
    work.run();
    long began = System.nanoTime();
    double best = Double.POSITIVE_INFINITY;
    int quiet = 0;
    while (quiet < QUIET_WINDOWS && secondsSince(began) < MOST_WINDOWS * window) {
      double median = median(runsFor(work, window));
      quiet = median < (1 - LEAST_GAIN) * best ? 0 : quiet + 1;
      best = Math.min(best, median);
    }
    double warmUp = secondsSince(began);
    long[] nanos = runsFor(work, seconds);
    return new Timing(
        median(nanos), variation(nanos), nanos.length, warmUp, quiet >= QUIET_WINDOWS);
  }

  /** The time of each run, in nanoseconds. */
  private static long[] runsFor(Runnable work, double seconds) {
    long[] nanos = new long[1024];
    int runs = 0;
    long began = System.nanoTime();
    long last = began;
    while (runs < LEAST_RUNS || last - began < 1e9 * seconds) {
      if (runs == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * runs);
        last = System.nanoTime();
      }
      work.run();
      long now = System.nanoTime();
      nanos[runs++] = now - last;
      last = now;
    }
    return Arrays.copyOf(nanos, runs);
  }

  private static double secondsSince(long began) {
    return 1e-9 * (System.nanoTime() - began);
  }

  /** In seconds; of an even number of times the mean of the middle two. */
  static double median(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return 1e-9
        * (sorted.length % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]));
  }

  /** Of a sample: with one time less in the divisor of the variance. */
  static double variation(long[] nanos) {
    double mean = Arrays.stream(nanos).average().orElseThrow();
    double squares = 0;
    for (long each : nanos) {
      squares += (each - mean) * (each - mean);
    }
    return Math.sqrt(squares / (nanos.length - 1)) / mean;
  }
}
