package org.backdraft.driver.sync;

import java.io.IOException;
import java.util.List;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankContext;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.optim.TensorRules;
import org.backdraft.plan.BatchSums;
import org.backdraft.plan.GradientListener;
import org.backdraft.plan.LocalBatch;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Local SGD: each rank updates its own replica by the mean gradient of its own examples for H
 * steps, then parameters and buffers are averaged over the ranks, each weighted by its share of the
 * examples since the last time. A 1/H of the bytes of an all-reduce; <b>not exact</b>: the result
 * depends on the number of ranks. With one rank it is that of {@link AllReduceSynchronizer}.
 *
 * <p>What all ranks are told of a step (loss, hits) is kept and summed at the next averaging, so
 * whether a step has diverged is decided there too, by all ranks alike.
 *
 * <p>Each rank keeps the optimizer's state whole. By default ranks keep their own; with {@code
 * averagesState} it is averaged as parameters are.
 *
 * <p><b>Source</b>: Stich 2019, <em>Local SGD converges fast and communicates little</em>,
 * algorithm 1; Lin et al. 2020, <em>Don't use large mini-batches, use local SGD</em>, algorithm 1
 * and §B.4.1 (momentum local or averaged). That replicas are weighted by examples is our departure:
 * leaves may be split unevenly.
 */
public final class LocalSgdSynchronizer implements Synchronizer {
  private final Replica replica;
  private final Updates updates;
  private final TensorRules rules;
  private final int every;
  private final boolean averagesState;
  private final StateLayout stateLayout;
  private final int rank;
  private final boolean isAlone;
  private final ReductionLayout layout;
  private final MatrixKernels matrixKernels;
  private final float[][] optimizerState;
  private final float[] anchor;
  private final ReplicaAverage average;

  private final int scalars;
  private final float[] untold; // the scalars of each step since the averaging, then a count
  private final StepSums stepSums;
  private final Collectives collectives;
  private final StepTimes times = new StepTimes();
  private int steps;
  private long examples;

  /**
   * @param collectives of the gang; closed by who made them
   * @param every steps between two averagings, H, at least 1
   * @param averagesState whether the optimizer's state is averaged too
   * @param stateLayout of the gang's state
   */
  public LocalSgdSynchronizer(
      Replica replica,
      Collectives collectives,
      RankContext ranks,
      Updates updates,
      int every,
      boolean averagesState,
      StateLayout stateLayout) {
    this.replica = replica;
    this.collectives = collectives;
    this.updates = updates;
    rules = updates.rules(replica.plan().parameterTable());
    this.every = every;
    this.averagesState = averagesState;
    this.stateLayout = stateLayout;
    rank = ranks.rank();
    isAlone = ranks.worldSize() == 1;
    layout = replica.plan().reduction();
    matrixKernels = replica.plan().kernels().matrix();
    optimizerState = new float[updates.optimizer().stateSlots()][layout.parameters()];
    anchor = replica.parameters().clone();
    scalars = layout.size() - layout.lossIndex();
    untold = new float[Math.multiplyExact(every, scalars) + 1];
    float[] scratch = replica.sums()[0]; // free between an update and the next step
    average =
        new ReplicaAverage(
            collectives, ranks, untold.length <= scratch.length ? scratch : untold.clone());
    stepSums = new StepSums(layout, untold, 0);
  }

  /** How many arrays of the parameters' length a rank keeps besides the optimizer's state. */
  static int arrays(int worldSize) {
    return 1 + ReplicaAverage.arrays(worldSize);
  }

  @Override
  public StepSums step(LocalBatch batch, int epoch, long step, float learningRate)
      throws IOException, InterruptedException, DivergedException {
    times.start();
    replica.trainStep(batch, updates.seed(), epoch, GradientListener.NONE, BatchSums.ALONE);
    float[] sum = ownSum();
    boolean isFinite = replica.isFinite(sum, 0, layout.lossIndex());
    sum[layout.nonFiniteIndex()] = isFinite ? 0 : 1;
    System.arraycopy(sum, layout.lossIndex(), untold, steps * scalars, scalars);
    // A short batch may leave a rank without examples: its replica stays, and weighs less.
    // One that has diverged stays too, until all are told.
    if (batch.size() > 0 && isFinite) {
      replica.update(rules, updates.clipping(), sum, optimizerState, learningRate, step + 1);
    }
    examples += batch.size();
    steps++;
    if (Thread.interrupted()) {
      throw new InterruptedException("Told to stop in step " + step + ".");
    }
    times.computed();
    return steps == every ? timedAverage(step + 1) : none();
  }

  @Override
  public void awaitParameters() {} // all are there when a step ends

  @Override
  public StepSums settle(long step) throws IOException, DivergedException {
    return steps == 0 ? none() : average(step);
  }

  private StepSums timedAverage(long step) throws CollectiveException, DivergedException {
    long waitedNanos = collectives.waitedNanos();
    StepSums sums = average(step);
    times.exchanged(collectives.waitedNanos() - waitedNanos);
    return sums;
  }

  private StepSums none() {
    stepSums.setCount(0);
    return stepSums;
  }

  /** The sum over this rank's leaves, its subtrees added from left to right. */
  private float[] ownSum() {
    float[][] sums = replica.sums();
    for (int i = 1; i < sums.length; i++) {
      matrixKernels.add(sums[0], 0, sums[i], 0, layout.size());
    }
    return sums[0];
  }

  /** Averages; {@code step} would be next. */
  private StepSums average(long step) throws CollectiveException, DivergedException {
    int known = steps * scalars;
    untold[known] = examples;
    if (!isAlone) {
      average.sum(untold, known + 1, step);
    }
    stepSums.setCount(steps);
    for (int i = 0; i < steps; i++) {
      if (stepSums.isNonFinite(i)) {
        System.arraycopy(anchor, 0, replica.parameters(), 0, anchor.length);
        throw DivergedException.of(replica, step - steps + i, stepSums.loss(i));
      }
    }
    if (isAlone) {
      System.arraycopy(replica.parameters(), 0, anchor, 0, anchor.length);
    } else {
      averageReplicas((float) (examples / (double) untold[known]), step);
    }
    steps = 0;
    examples = 0;
    return stepSums;
  }

  private void averageReplicas(float weight, long step) throws CollectiveException {
    average.mean(replica.parameters(), anchor, weight, step);
    average.mean(replica.buffers(), weight, step);
    if (averagesState) {
      for (float[] slot : optimizerState) {
        average.mean(slot, weight, step);
      }
    }
  }

  @Override
  public List<KeptArrays> state(long steps) {
    Checks.state(this.steps == 0, "Ranks agree on what they averaged: %d step(s) ago.", this.steps);
    return List.of(
        KeptArrays.whole(
            new ParameterBlocks(replica.plan().parameterTable()),
            optimizerState,
            averagesState ? 0 : stateLayout.rankSlot(rank),
            !averagesState || rank == 0));
  }

  @Override
  public StepTimes times() {
    return times;
  }

  @Override
  public void close() {}
}
