package org.backdraft.driver;

import java.util.Arrays;
import java.util.Optional;

/**
 * Where the time of each rank went, in one step or in a whole run, by rank and in nanoseconds, and
 * what it pushed to shards meanwhile. NaN where a rank's word did not come. The arrays belong to
 * this record.
 *
 * @param compute forward, backward, update
 * @param communication exchange with peers that computing did not hide
 * @param waiting until the slowest peer had entered an exchange
 * @param data until a batch was ready
 * @param pushedBytes to the shards of a parameter server; 0 without one
 */
public record RankTimes(
    double[] compute,
    double[] communication,
    double[] waiting,
    double[] data,
    double[] pushedBytes) {
  private static final double NANOS = 1e-9;

  /** A rank that is this much busier than the others' median stands out. */
  private static final double EXCESS = 0.1;

  /** Where the others wait for less of their time than this, a slow rank costs nothing. */
  private static final double LEAST_WAITING = 0.05;

  /**
   * A rank for which the others wait.
   *
   * @param excess by how much it is busier than the median of the others: 0.2 is a fifth
   * @param waiting the part of their time that the others wait, on average
   */
  public record Straggler(int rank, double excess, double waiting) {}

  /** Before a word of the ranks has come. */
  static RankTimes unknown(int workers) {
    return new RankTimes(nan(workers), nan(workers), nan(workers), nan(workers), nan(workers));
  }

  /** Zero everywhere, to be added to. */
  static RankTimes zero(int workers) {
    return new RankTimes(
        new double[workers],
        new double[workers],
        new double[workers],
        new double[workers],
        new double[workers]);
  }

  private static double[] nan(int workers) {
    double[] values = new double[workers];
    Arrays.fill(values, Double.NaN);
    return values;
  }

  /** The number of ranks. */
  public int workers() {
    return compute.length;
  }

  void set(int rank, float computeNanos, float communicationNanos, float waiting, float data) {
    compute[rank] = computeNanos;
    communication[rank] = communicationNanos;
    this.waiting[rank] = waiting;
    this.data[rank] = data;
  }

  void add(int rank, float computeNanos, float communicationNanos, float waiting, float data) {
    compute[rank] += computeNanos;
    communication[rank] += communicationNanos;
    this.waiting[rank] += waiting;
    this.data[rank] += data;
  }

  void setPushed(int rank, float bytes) {
    pushedBytes[rank] = bytes;
  }

  void addPushed(int rank, float bytes) {
    pushedBytes[rank] += bytes;
  }

  /** Whether shards were pushed to, as far as is known. */
  public boolean hasPushes() {
    return Arrays.stream(pushedBytes).anyMatch(bytes -> bytes > 0);
  }

  /** All parts of a rank together, in seconds. */
  public double totalSeconds(int rank) {
    return NANOS * (busy(rank) + communication[rank] + waiting[rank]);
  }

  private double busy(int rank) {
    return compute[rank] + data[rank];
  }

  /** The busiest rank, if the others lose time by it. */
  public Optional<Straggler> straggler() {
    int workers = workers();
    if (workers < 2) {
      return Optional.empty();
    }
    int slowest = 0;
    for (int rank = 1; rank < workers; rank++) {
      slowest = busy(rank) > busy(slowest) ? rank : slowest;
    }
    double[] others = new double[workers - 1];
    double waitingSeconds = 0;
    double seconds = 0;
    for (int rank = 0, i = 0; rank < workers; rank++) {
      if (rank != slowest) {
        others[i++] = busy(rank);
        waitingSeconds += NANOS * waiting[rank];
        seconds += totalSeconds(rank);
      }
    }
    Arrays.sort(others);
    double excess = busy(slowest) / others[others.length / 2] - 1;
    double share = waitingSeconds / seconds;
    return excess > EXCESS && share > LEAST_WAITING
        ? Optional.of(new Straggler(slowest, excess, share))
        : Optional.empty();
  }
}
