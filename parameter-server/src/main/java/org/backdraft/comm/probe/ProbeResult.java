package org.backdraft.comm.probe;

import java.util.List;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;

/**
 * What a probe has measured, and which algorithm rank 0 has chosen for all.
 *
 * @param chosen the same on all ranks
 * @param reason why, for people
 * @param elements of the long vector that {@code timings} are of
 * @param shortElements of the short one
 * @param timings at rank 0, in the order of the enum
 * @param adderBytesPerSecond of each rank: bytes of sums that it adds in a second, from its cache
 * @param links that were measured, by rank and then by distance
 * @param seconds that the probe took, at rank 0
 */
public record ProbeResult(
    AllReduceAlgorithm chosen,
    String reason,
    int elements,
    int shortElements,
    List<AlgorithmTime> timings,
    List<Double> adderBytesPerSecond,
    List<LinkSpeed> links,
    double seconds) {
  public ProbeResult {
    timings = List.copyOf(timings);
    adderBytesPerSecond = List.copyOf(adderBytesPerSecond);
    links = List.copyOf(links);
  }

  /**
   * One algorithm, from the moment all ranks enter to the moment the last is done; medians.
   *
   * @param longSeconds reduce-scatter and all-gather of the long vector
   * @param shortSeconds all-reduce of the short one
   */
  public record AlgorithmTime(
      AllReduceAlgorithm algorithm, double longSeconds, double shortSeconds) {}

  /**
   * From one rank to another, while every rank sends to its peer at the same distance.
   *
   * @param bytesPerSecond of a long message
   * @param messageSeconds that an empty message takes
   */
  public record LinkSpeed(int from, int to, double bytesPerSecond, double messageSeconds) {}

  /** The link with the fewest bytes a second. */
  public LinkSpeed slowestLink() {
    LinkSpeed slowest = links.get(0);
    for (LinkSpeed each : links) {
      slowest = each.bytesPerSecond < slowest.bytesPerSecond ? each : slowest;
    }
    return slowest;
  }
}
