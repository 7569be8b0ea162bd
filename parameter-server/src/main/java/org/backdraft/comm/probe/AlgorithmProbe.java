package org.backdraft.comm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.leaf.Leaves;

/**
 * Times algorithms against each other: one after the other in each round, so that all see the same
 * weather; medians over the rounds, of which the first warms up.
 */
final class AlgorithmProbe {
  static final int SHORT_ELEMENTS = 16;
  private static final int MOST_ROUNDS = 10;

  /** Two after the warm-up, so that one outlier alone decides nothing. */
  private static final int FEWEST_ROUNDS = 3;

  private static final int SHORT_SUMS = 8;

  private final Steering steering;
  private final Leaves leaves;
  private final List<AllReduceAlgorithm> algorithms;
  private final List<Collectives> collectives;
  private final double[][] longNanos; // by algorithm and round
  private final double[][] shortNanos;

  /**
   * @param collectives of {@code algorithms}, in the same order
   */
  AlgorithmProbe(
      Steering steering,
      Leaves leaves,
      List<AllReduceAlgorithm> algorithms,
      List<Collectives> collectives) {
    this.steering = steering;
    this.leaves = leaves;
    this.algorithms = algorithms;
    this.collectives = collectives;
    longNanos = new double[algorithms.size()][MOST_ROUNDS];
    shortNanos = new double[algorithms.size()][MOST_ROUNDS];
  }

  /**
   * Measures until {@code limitNanos} have passed since {@code startNanos} at rank 0, three rounds
   * at least.
   *
   * @param elements of the long vector
   */
  List<ProbeResult.AlgorithmTime> run(int elements, long startNanos, long limitNanos)
      throws CollectiveException {
    float[][] sums = steering.zeros(Math.max(elements, SHORT_ELEMENTS));
    int rounds = 0;
    do {
      for (int i = 0; i < collectives.size(); i++) {
        longNanos[i][rounds] = longSum(collectives.get(i), sums, elements);
        shortNanos[i][rounds] = shortSum(collectives.get(i), sums);
      }
      rounds++;
    } while (rounds < MOST_ROUNDS
        && steering.rankZeroSays(
            rounds < FEWEST_ROUNDS || System.nanoTime() - startNanos < limitNanos));
    List<ProbeResult.AlgorithmTime> timings = new ArrayList<>();
    for (int i = 0; i < algorithms.size(); i++) {
      timings.add(
          new ProbeResult.AlgorithmTime(
              algorithms.get(i),
              1e-9 * median(longNanos[i], rounds),
              1e-9 * median(shortNanos[i], rounds)));
    }
    return timings;
  }

  private double longSum(Collectives of, float[][] sums, int elements) throws CollectiveException {
    steering.barrier();
    long startNanos = System.nanoTime();
    of.reduceScatter(leaves, sums, 0, elements, 0);
    of.allGather(sums[0], 0, elements, 0);
    steering.barrier();
    return System.nanoTime() - startNanos;
  }

  private double shortSum(Collectives of, float[][] sums) throws CollectiveException {
    steering.barrier();
    long startNanos = System.nanoTime();
    for (int i = 0; i < SHORT_SUMS; i++) {
      of.allReduce(leaves, sums, 0, SHORT_ELEMENTS, 0);
    }
    return (System.nanoTime() - startNanos) / (double) SHORT_SUMS;
  }

  /** Of the rounds after the first. */
  private static double median(double[] nanos, int rounds) {
    double[] sorted = Arrays.copyOfRange(nanos, 1, rounds);
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
