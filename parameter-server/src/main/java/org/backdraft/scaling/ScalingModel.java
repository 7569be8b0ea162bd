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
   * Predicts.
   *
   * @throws IllegalArgumentException if the algorithm or the leaves do not fit the ranks, or the
   *     tables are too large
   */
  public static StepPrediction predict(
      Gang gang, StepShape shape, CostParameters costs, StepCompute compute) {
    int worldSize = gang.hosts().size();
    StepRecorder.Recording recording =
        new StepRecorder(gang.algorithm(), gang.leaves(), gang.hosts(), shape).record();
    GangTables tables = recording.tables();
    GangSimulator simulator = new GangSimulator(recording, costs, shape, gang.hosts());
    int steps =
        compute.jitter().variation() == 0
            ? FEWEST_STEPS
            : (int) Math.max(FEWEST_STEPS, Math.min(MOST_STEPS, PLAYED_ENTRIES / tables.entries()));
    double[] passes = new double[worldSize];
    double mean = 0;
    double slowest = 0;
    double end = 0;
    for (int step = 0; step < steps; step++) {
      double most = 0;
      for (int rank = 0; rank < worldSize; rank++) {
        double share = gang.leaves().rangeOf(rank, worldSize).size() * (double) worldSize;
        passes[rank] =
            compute.passSeconds()
                * (share / gang.leaves().count())
                * compute.jitter().factor(rank, step);
        double update = compute.updateSeconds() * recording.ownedShare(rank);
        mean += (passes[rank] + update) / worldSize;
        most = Math.max(most, passes[rank] + update);
      }
      slowest += most;
      end = simulator.step(passes, compute.updateSeconds());
    }
    return new StepPrediction(
        mean / steps,
        (slowest - mean) / steps,
        (end - slowest) / steps,
        tables.mostSentBytes(),
        tables.mostPeers(),
        steps);
  }
}
