package org.backdraft.scaling;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.backdraft.comm.probe.ProbeResult;
import org.backdraft.tensor.Checks;

/**
 * The α–β–γ model: a message of b bytes takes α + b·β from one rank to another where nothing else
 * uses their links, and b bytes of sums are added in b·γ.
 *
 * <p><b>Source</b>: R. Thakur, R. Rabenseifner, W. Gropp 2005, <em>Optimization of collective
 * communication operations in MPICH</em>, §2.
 *
 * @param latencySeconds α, of a message without bytes
 * @param secondsPerByte β, the inverse of a link's bytes a second in one direction
 * @param secondsPerAddedByte γ, the inverse of the bytes of sums that a rank adds in a second
 */
public record CostParameters(
    double latencySeconds, double secondsPerByte, double secondsPerAddedByte) {
  public CostParameters {
    check("latency", latencySeconds);
    check("time of a byte", secondsPerByte);
    check("time of an added byte", secondsPerAddedByte);
  }

  private static void check(String name, double seconds) {
    Checks.argument(
        seconds >= 0 && Double.isFinite(seconds),
        "The %s must be a number of seconds >= 0: got %s.",
        name,
        seconds);
  }

  /** The medians of what a probe has measured: over all links, and over all ranks. */
  public static CostParameters fitted(ProbeResult probe) {
    return new CostParameters(
        median(probe.links().stream().mapToDouble(ProbeResult.LinkSpeed::messageSeconds)),
        1 / median(probe.links().stream().mapToDouble(ProbeResult.LinkSpeed::bytesPerSecond)),
        1 / median(probe.adderBytesPerSecond().stream().mapToDouble(Double::doubleValue)));
  }

  private static double median(DoubleStream values) {
    double[] sorted = values.toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
  }
}
