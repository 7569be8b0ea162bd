package org.backdraft.driver.sync;

import java.io.IOException;
import java.util.List;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankContext;
import org.backdraft.optim.TensorRules;
import org.backdraft.plan.LocalBatch;
import org.backdraft.plan.OwnedParameters;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;

/**
 * {@code allreduce}: the sums of a part of the gradients go to each rank, which updates that part
 * of the parameters, keeps the optimizer's state of it alone, and hands it to all.
 *
 * <p>Gradients travel in {@link Buckets}, while the backward pass goes on, and so do the updated
 * parameters, while the next bucket is updated and the next forward pass begins. Between them all
 * ranks learn the loss, and where the rule wants norms the sums over blocks; during the pass, where
 * batch normalization is over the global batch, its sums. Weights have the bits of one worker.
 *
 * <p><b>Source</b>: S. Rajbhandari et al., <em>ZeRO: Memory optimizations toward training trillion
 * parameter models</em>, 2020, §5.1 (state of the optimizer dealt out); S. Li et al., <em>PyTorch
 * Distributed</em>, 2020, §3.2.3 (buckets that overlap the backward pass).
 */
public final class AllReduceSynchronizer implements Synchronizer {
  private final Replica replica;
  private final Updates updates;
  private final TensorRules rules;
  private final StepExchange exchange;
  private final KeptArrays state;
  private final StepSums stepSums;
  private final StepSums noStep;
  private final Collectives collectives;
  private final TimedPeers peers;
  private final boolean isOverlapped;
  private final StepTimes times = new StepTimes();

  /**
   * Takes hold of the optimizer's state, and starts a thread where there is more than one bucket.
   *
   * @param collectives of the gang; closed by who made them
   * @param exact of the same ranks, for sums of which no bit may be lost: {@code collectives}
   *     unless those compress
   * @param bucketBytes the most that a bucket of gradients holds, 0 for all of them
   */
  public AllReduceSynchronizer(
      Replica replica,
      Collectives collectives,
      Collectives exact,
      RankContext context,
      Updates updates,
      int bucketBytes) {
    this.replica = replica;
    this.updates = updates;
    rules = updates.rules(replica.plan().parameterTable());
    this.collectives = collectives;
    boolean isAlone = context.worldSize() == 1;
    ParameterBlocks blocks = new ParameterBlocks(replica.plan().parameterTable());
    Buckets buckets = Buckets.of(blocks, isAlone ? 0 : bucketBytes);
    OwnedParameters owned = buckets.owned(collectives, context.rank());
    replica.own(owned);
    state =
        new KeptArrays(owned, new float[updates.optimizer().stateSlots()][owned.size()], 0, true);
    ReductionLayout layout = replica.plan().reduction();
    stepSums = new StepSums(layout, replica.sums()[0]);
    noStep = new StepSums(layout, replica.sums()[0], layout.lossIndex());
    isOverlapped = buckets.count() > 1;
    GangExchange.RangeCheck check =
        isOverlapped ? replica.plan().kernels().update()::isFinite : replica::isFinite;
    GangExchange gang =
        new GangExchange(replica, collectives, exact, context, buckets, owned, check);
    exchange =
        isOverlapped
            ? new OverlappedExchange(gang, buckets, replica.plan(), context.rank())
            : new SerialExchange(gang, buckets);
    peers = new TimedPeers(exchange, collectives, times);
    if (isOverlapped) {
      replica.arriveBy(buckets.ends(), peers);
    }
  }

  @Override
  public StepSums step(LocalBatch batch, int epoch, long step, float learningRate)
      throws IOException, InterruptedException, DivergedException {
    times.start();
    exchange.start(step);
    replica.trainStep(batch, updates.seed(), epoch, exchange, peers);
    times.computed();
    long waitedNanos = collectives.waitedNanos();
    exchange.awaitSums();
    times.exchanged(collectives.waitedNanos() - waitedNanos);
    if (Thread.interrupted()) {
      throw new InterruptedException("Told to stop in step " + step + ".");
    }
    if (stepSums.isNonFinite(0)) {
      if (!updates.skipsNonFinite()) {
        throw DivergedException.of(replica, step, stepSums.loss(0), state.owned());
      }
      exchange.skip();
      return stepSums;
    }
    replica.update(
        rules,
        updates.clipping(),
        replica.sums()[0],
        state.arrays(),
        learningRate,
        step + 1,
        peers);
    times.computed();
    if (!isOverlapped) {
      peers.await(replica.parameters().length);
    }
    return stepSums;
  }

  @Override
  public void awaitParameters() throws IOException, InterruptedException {
    if (isOverlapped) {
      exchange.await(replica.parameters().length);
    }
  }

  @Override
  public StepSums settle(long step) throws IOException, InterruptedException {
    awaitParameters();
    return noStep;
  }

  @Override
  public List<KeptArrays> state(long steps) {
    return List.of(state);
  }

  @Override
  public StepTimes times() {
    return times;
  }

  @Override
  public void close() {
    exchange.close();
  }
}
