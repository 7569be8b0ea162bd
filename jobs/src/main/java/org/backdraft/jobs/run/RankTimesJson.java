package org.backdraft.jobs.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.backdraft.driver.RankTimes;

/** Where the time of each rank went, as arrays by rank; null where a rank's word did not come. */
final class RankTimesJson {
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_SECOND = 1e9;

  private RankTimesJson() {}

  /**
   * Adds the milliseconds of one step to its line, {@code compute_ms} and so on, and what was
   * pushed.
   */
  static void putMillis(Map<String, Object> line, RankTimes times) {
    parts(times)
        .forEach(
            (name, nanos) -> {
              List<Object> millis = new ArrayList<>();
              for (double each : nanos) {
                // Whole microseconds; more digits would be noise, and there are many such lines.
                millis.add(
                    Double.isNaN(each)
                        ? null
                        : (Object) (Math.round(each / NANOS_PER_MICRO) / NANOS_PER_MICRO));
              }
              line.put(name + "_ms", millis);
            });
    if (times.hasPushes()) {
      line.put("pushed_bytes", pushedBytes(times));
    }
  }

  /** The seconds of a run, and what part of a rank's time they are. */
  static Map<String, Object> totals(RankTimes times) {
    Map<String, Object> seconds = new LinkedHashMap<>();
    Map<String, Object> fractions = new LinkedHashMap<>();
    parts(times)
        .forEach(
            (name, nanos) -> {
              List<Double> all = new ArrayList<>();
              List<Double> shares = new ArrayList<>();
              for (int rank = 0; rank < nanos.length; rank++) {
                double value = nanos[rank] / NANOS_PER_SECOND;
                double total = times.totalSeconds(rank);
                all.add(rounded(value));
                shares.add(total > 0 ? rounded(value / total) : Double.NaN);
              }
              seconds.put(name + "_seconds", all);
              fractions.put(name + "_fraction", shares);
            });
    seconds.putAll(fractions);
    return seconds;
  }

  /** Bytes that each rank pushed. */
  static List<Object> pushedBytes(RankTimes times) {
    List<Object> bytes = new ArrayList<>();
    for (double each : times.pushedBytes()) {
      bytes.add(Double.isNaN(each) ? null : (Object) (long) each);
    }
    return bytes;
  }

  private static double rounded(double value) {
    return Double.isNaN(value)
        ? value
        : Double.parseDouble(String.format(Locale.ROOT, "%.6f", value));
  }

  private static Map<String, double[]> parts(RankTimes times) {
    Map<String, double[]> parts = new LinkedHashMap<>();
    parts.put("compute", times.compute());
    parts.put("communication", times.communication());
    parts.put("waiting", times.waiting());
    parts.put("data", times.data());
    return parts;
  }
}
