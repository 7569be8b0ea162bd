package org.backdraft.jobs.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.scaling.CostParameters;
import org.backdraft.scaling.ScalingModel;
import org.backdraft.scaling.StepCompute;
import org.backdraft.scaling.StepPrediction;
import org.backdraft.scaling.StepShape;
import org.backdraft.tensor.Checks;

/** Predicts how the training of a network scales with the number of workers. */
public final class ScalingBench {
  private ScalingBench() {}

  /** What grows with the number of ranks N. */
  public enum Scaling {
    /** The global batch: each of N ranks has {@code batch} examples. */
    WEAK,
    /** Nothing: N ranks share {@code batch} examples. */
    STRONG;

    /** Examples of a step of N ranks. */
    public long globalBatch(int batch, int ranks) {
      return this == WEAK ? (long) batch * ranks : batch;
    }

    /**
     * How well N ranks work, 1 where each does as much as one alone: T(1) / T(N), or T(1) / (N ·
     * T(N)) where they share its work.
     *
     * @param oneSeconds T(1), a step of one rank with {@code batch} examples
     */
    public double efficiency(double oneSeconds, double seconds, int ranks) {
      return this == WEAK ? oneSeconds / seconds : oneSeconds / (ranks * seconds);
    }
  }

  /**
   * What to predict.
   *
   * @param batch examples of a rank or of all, as {@code scaling} says
   * @param ranks numbers of them, ascending
   * @param ranksPerHost how many share a link
   * @param algorithm empty for what a run takes where nobody has measured
   * @param compute of one rank with {@code batch} examples
   */
  public record Request(
      Network network,
      Scaling scaling,
      int batch,
      List<Integer> ranks,
      int ranksPerHost,
      Optional<AllReduceAlgorithm> algorithm,
      int bucketBytes,
      CostParameters costs,
      StepCompute compute) {}

  /** What is predicted for one number of ranks. */
  public record Row(
      int ranks,
      AllReduceAlgorithm algorithm,
      Leaves leaves,
      StepPrediction step,
      double efficiency) {}

  /** Measures two ranks on the loopback interface; takes about a second. */
  public static CostParameters measureCosts() throws IOException, InterruptedException {
    return CostParameters.fitted(LoopbackProbe.run());
  }

  /**
   * Predicts, the largest gang first: what is too large is told at once.
   *
   * @return in the order of {@code ranks}
   * @throws IllegalArgumentException if a number of ranks does not fit the algorithm or the batch,
   *     or cannot be simulated
   */
  public static List<Row> predict(Request request) {
    StepShape shape = StepShapes.of(request.network(), request.bucketBytes());
    List<Integer> ranks = new ArrayList<>(request.ranks());
    Collections.reverse(ranks);
    List<Row> rows = new ArrayList<>();
    for (int each : ranks) {
      rows.add(row(request, shape, each));
    }
    Collections.reverse(rows);
    return rows;
  }

  private static Row row(Request request, StepShape shape, int ranks) {
    AllReduceAlgorithm algorithm = request.algorithm().orElse(AllReduceAlgorithm.defaultFor(ranks));
    List<String> hosts = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      hosts.add("host-" + rank / request.ranksPerHost());
    }
    Leaves leaves = leaves(request.scaling().globalBatch(request.batch(), ranks), ranks);
    StepCompute compute = request.compute();
    double parts = request.scaling() == Scaling.WEAK ? 1 : ranks;
    StepPrediction step =
        ScalingModel.predict(
            new ScalingModel.Gang(algorithm, leaves, hosts),
            shape,
            request.costs(),
            new StepCompute(
                compute.passSeconds() / parts, compute.updateSeconds(), compute.jitter()));
    double one = compute.passSeconds() + compute.updateSeconds();
    return new Row(
        ranks,
        algorithm,
        leaves,
        step,
        request.scaling().efficiency(one, step.stepSeconds(), ranks));
  }

  /** A run's default, or as many as there are ranks: a user has to set that. */
  static Leaves leaves(long globalBatch, int ranks) {
    Checks.argument(
        globalBatch >= ranks,
        "Each of %d ranks must have an example: the global batch has %d.",
        ranks,
        globalBatch);
    Leaves usual = Leaves.defaultFor((int) Math.min(Integer.MAX_VALUE, globalBatch));
    int least = Integer.highestOneBit(2 * ranks - 1);
    return least > usual.count() ? new Leaves(least) : usual;
  }
}
