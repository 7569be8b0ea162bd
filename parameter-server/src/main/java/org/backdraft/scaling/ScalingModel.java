package org.backdraft.scaling;

import java.util.List;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * Predicts a training step of {@code sync.strategy=allreduce}: records what the real collectives
 * exchange and plays it on all ranks, a few steps in a row.
 *
 * <p><b>Formula</b>: {@code docs/scaling.md}. <b>Cost</b>: memory and time grow with the messages
 * and rounds of a step, up to about 1.5 GB and two minutes; what is larger is refused.
 *
 * @see ScalingModelTest
 */
public final class ScalingModel {
  /** Steps of a small gang: enough for the mean of a jitter of a few percent to stand still. */
  private static final int MOST_STEPS = 200;

  private static final int FEWEST_STEPS = 4;

  /** Rounds and messages that are played, if the fewest steps do not take more. */
  private static final long PLAYED_ENTRIES = 1L << 24;

  private ScalingModel() {}

  /**
   * Who exchanges how.
   *
   * @param algorithm of the collectives
   * @param leaves how a global batch is cut: decides how long a rank computes, and what it sends
   *     where the number of ranks is no power of two
   * @param hosts the host of each rank; ranks of one host share its link
   */
  public record Gang(AllReduceAlgorithm algorithm, Leaves leaves, List<String> hosts) {
    public Gang {
      hosts = List.copyOf(hosts);
      Checks.argument(
          hosts.size() >= 2, "A gang to predict needs two ranks: got %d.", hosts.size());
    }
  }

  /**
   * Predicts, over as many steps as are needed for a steady mean.
   *
   * @throws IllegalArgumentException if the algorithm or the leaves do not fit the ranks, or the
   *     tables are too large
   */
  public static StepPrediction predict(
      Gang gang, StepShape shape, CostParameters costs, StepCompute compute) {
    StepRecorder.Recording recording = record(gang, shape);
    long affordable = Math.min(MOST_STEPS, PLAYED_ENTRIES / recording.tables().entries());
    boolean varies = compute.jitter().variation() > 0;
    int steps = varies ? (int) Math.max(FEWEST_STEPS, affordable) : FEWEST_STEPS;
    return play(gang, recording, shape, costs, compute, steps);
  }

  /** Predicts the first {@code steps} steps, with the jitter that these have. */
  public static StepPrediction predict(
      Gang gang, StepShape shape, CostParameters costs, StepCompute compute, int steps) {
    Checks.argument(steps >= 1, "A prediction needs a step: got %d.", steps);
    return play(gang, record(gang, shape), shape, costs, compute, steps);
  }

  private static StepRecorder.Recording record(Gang gang, StepShape shape) {
    return new StepRecorder(gang.algorithm(), gang.leaves(), gang.hosts(), shape).record();
  }

  private static StepPrediction play(
      Gang gang,
      StepRecorder.Recording recording,
      StepShape shape,
      CostParameters costs,
      StepCompute compute,
      int steps) {
    int worldSize = gang.hosts().size();
    GangTables tables = recording.tables();
    GangSimulator simulator = new GangSimulator(recording, costs, shape, gang.hosts());
    double mean = 0;
    double slowest = 0;
    for (int step = 0; step < steps; step++) {
      double most = 0;
      double[] passes = passes(gang, compute, step);
      for (int rank = 0; rank < worldSize; rank++) {
        double update = compute.updateSeconds() * recording.ownedShare(rank);
        mean += (passes[rank] + update) / worldSize;
        most = Math.max(most, passes[rank] + update);
      }
      slowest += most;
      simulator.step(passes, compute.updateSeconds());
    }
    double end = simulator.nextBegin(passes(gang, compute, steps));
    return new StepPrediction(
        mean / steps,
        Math.max(0, slowest - mean) / steps,
        (end - slowest) / steps,
        tables.mostSentBytes(),
        tables.mostPeers(),
        steps);
  }

  /** How long each rank's forward and backward pass take in a step. */
  private static double[] passes(Gang gang, StepCompute compute, int step) {
    int worldSize = gang.hosts().size();
    double[] passes = new double[worldSize];
    for (int rank = 0; rank < worldSize; rank++) {
      double share = gang.leaves().rangeOf(rank, worldSize).size() * (double) worldSize;
      passes[rank] =
          compute.passSeconds()
              * (share / gang.leaves().count())
              * compute.jitter().factor(rank, step);
    }
    return passes;
  }
}
