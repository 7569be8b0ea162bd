package org.backdraft.jobs.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.output.Amounts;
import picocli.CommandLine.Option;

/** The options of every measurement, and what every measurement tells. */
final class BenchOptions {
  @Option(names = "--threads", paramLabel = "T", description = "Threads; else all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Time to measure for, after a warm-up until times settle.")
  private double seconds = 5;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  int threads() {
    return threads;
  }

  double seconds() {
    return seconds;
  }

  boolean json() {
    return json;
  }

  /** Refuses values that are out of range. */
  void check() {
    require(threads >= 1, "--threads must be at least 1: got %s.", threads);
    require(seconds > 0 && seconds <= 3600, "--seconds must lie in (0, 3600]: got %s.", seconds);
  }

  static void require(boolean holds, String message, Object value) {
    if (!holds) {
      throw new ConfigurationException(String.format(Locale.ROOT, message, value));
    }
  }

  /** Refuses what was given and is no number above 0. */
  static void requireAbove(String name, Double value) {
    require(
        value == null || (value > 0 && Double.isFinite(value)),
        name + " must be a number above 0: got %s.",
        value);
  }

  /** Refuses what was given and is no number from 0 on. */
  static void requireNotBelow(String name, Double value) {
    require(
        value == null || (value >= 0 && Double.isFinite(value)),
        name + " must be a number of at least 0: got %s.",
        value);
  }

  /** For JSON: arithmetic a second, and how it was timed. */
  static Map<String, Object> values(Throughput throughput, Timing timing) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("gflops", throughput.gflops());
    values.put("peak_gflops", orNull(throughput.peakGflops()));
    values.put("peak_fraction", orNull(throughput.peakFraction()));
    values.put("runs", timing.runs());
    values.put("warmup_seconds", timing.warmUpSeconds());
    values.put("settled", timing.settled());
    return values;
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** For people, likewise. */
  static String words(Throughput throughput, Timing timing) {
    String words = String.format(Locale.ROOT, "%.2f GFLOP/s", throughput.gflops());
    if (throughput.peakFraction().isPresent()) {
      words +=
          String.format(
              Locale.ROOT,
              " = %s of the %.1f that registers alone reach",
              Amounts.percent(throughput.peakFraction().getAsDouble()),
              throughput.peakGflops().getAsDouble());
    }
    return timing.settled()
        ? words
        : words + "\nTimes were still falling after the warm-up: take more --seconds.";
  }
}
