package org.backdraft.comm.probe;

import java.util.List;
import java.util.Locale;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;

/**
 * Which of the measured algorithms is taken: the one whose step costs least, but the standard one
 * unless another saves a twentieth: less may be noise.
 *
 * @param timings of the standard one and others
 * @param standard taken where nothing speaks against it
 * @param elements of the long vector that was measured
 * @param totalElements that a step sums
 */
record AlgorithmChoice(
    List<ProbeResult.AlgorithmTime> timings,
    AllReduceAlgorithm standard,
    int elements,
    long totalElements) {
  private static final double LEAST_GAIN = 0.05;

  AllReduceAlgorithm chosen() {
    AllReduceAlgorithm best = standard;
    double bound = (1 - LEAST_GAIN) * seconds(standard);
    for (ProbeResult.AlgorithmTime each : timings) {
      double seconds = seconds(each.algorithm());
      if (seconds < bound) {
        best = each.algorithm();
        bound = seconds;
      }
    }
    return best;
  }

  /** Why {@code chosen} was taken, for people. */
  String reason(AllReduceAlgorithm chosen) {
    double seconds = seconds(chosen);
    if (chosen == standard) {
      return String.format(
          Locale.ROOT, "%.3g ms a step, and no other way saves 5%%", 1e3 * seconds);
    }
    return String.format(
        Locale.ROOT,
        "%.3g ms a step, %.0f%% less than %s",
        1e3 * seconds,
        100 * (1 - seconds / seconds(standard)),
        standard.word());
  }

  /** The exchange of a step: all that is summed, in vectors as long as the measured one. */
  private double seconds(AllReduceAlgorithm algorithm) {
    for (ProbeResult.AlgorithmTime each : timings) {
      if (each.algorithm() == algorithm) {
        return each.longSeconds() * totalElements / elements + each.shortSeconds();
      }
    }
    throw new AssertionError(algorithm + " was not measured: " + timings);
  }
}
