package org.backdraft.jobs.bench;

import java.util.OptionalDouble;
import org.backdraft.kernel.PeakProbe;

/**
 * Arithmetic a second, beside what the machine can do.
 *
 * @param gflops 10^9 operations a second, a multiply-add counted as two
 * @param peakGflops see {@link PeakProbe}, by as many threads; empty where it cannot be measured
 */
public record Throughput(double gflops, OptionalDouble peakGflops) {
  private static final long PEAK_WINDOW_MILLIS = 300;

  /** Takes about a second, to measure the peak. */
  static Throughput of(double operations, double seconds, int threads) throws InterruptedException {
    return new Throughput(
        1e-9 * operations / seconds, PeakProbe.gflops(threads, PEAK_WINDOW_MILLIS));
  }

  /** The share of the peak that was reached. */
  public OptionalDouble peakFraction() {
    return peakGflops.isPresent()
        ? OptionalDouble.of(gflops / peakGflops.getAsDouble())
        : OptionalDouble.empty();
  }
}
