package org.backdraft.driver.sync;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.backdraft.plan.BatchSums;
import org.backdraft.plan.GradientListener;
import org.backdraft.plan.LocalBatch;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.plan.Replica;
import org.backdraft.ps.BlockOptimizer;
import org.backdraft.ps.ParameterClient;
import org.backdraft.ps.ParameterShard;
import org.backdraft.tensor.Checks;

/**
 * {@code parameter-server} with {@code bsp}: sums go to the shards, which update, and the next
 * parameters come back. The bits are those of {@link AllReduceSynchronizer}.
 */
public final class ParameterServerSynchronizer implements Synchronizer {
  private final Replica replica;
  private final ParameterClient client;
  private final Optional<BlockOptimizer> led;
  private final Optional<BesideShard> beside;
  private final long seed;
  private final boolean skipsNonFinite;
  private final ReductionLayout layout;
  private final float[][] totals; // by subtree
  private final float[] values;
  private final StepSums stepSums;
  private final StepSums noStep;
  private final StepTimes times = new StepTimes();

  /**
   * The shard that a rank serves.
   *
   * @param state memory for a copy
   * @param timeout of copying
   */
  public record BesideShard(ParameterShard shard, ShardState state, Duration timeout) {}

  private ParameterServerSynchronizer(
      Replica replica,
      ParameterClient client,
      Optional<BlockOptimizer> led,
      Optional<BesideShard> beside,
      long seed,
      boolean skipsNonFinite) {
    this.replica = replica;
    this.client = client;
    this.led = led;
    this.beside = beside;
    this.seed = seed;
    this.skipsNonFinite = skipsNonFinite;
    layout = replica.plan().reduction();
    totals = new float[replica.sums().length][StepTotals.COUNT];
    values = new float[layout.size()];
    stepSums = new StepSums(layout, values);
    noStep = new StepSums(layout, values, layout.lossIndex());
  }

  /**
   * Joins the table and fetches its first parameters into the replica.
   *
   * @param client closed by the synchronizer, and when this fails
   * @param led the optimizer of the shards, if this worker leads its rounds; one does
   * @param beside the shard that this worker serves, if it does
   * @param steps that the table has seen, 0 for a new one
   * @param seed of dropout
   * @param skipsNonFinite as of {@link Updates}
   * @throws IOException if a shard is lost or does not answer in time
   */
  public static ParameterServerSynchronizer join(
      Replica replica,
      ParameterClient client,
      Optional<BlockOptimizer> led,
      Optional<BesideShard> beside,
      long steps,
      long seed,
      boolean skipsNonFinite)
      throws IOException {
    boolean joined = false;
    try {
      long clock = client.join();
      Checks.state(clock == steps, "The table must be at clock %d: it is at %d.", steps, clock);
      ParameterServerSynchronizer synchronizer =
          new ParameterServerSynchronizer(replica, client, led, beside, seed, skipsNonFinite);
      client.pull(clock, synchronizer.values);
      System.arraycopy(
          synchronizer.values, 0, replica.parameters(), 0, synchronizer.layout.parameters());
      joined = true;
      return synchronizer;
    } finally {
      if (!joined) {
        client.close();
      }
    }
  }

  @Override
  public StepSums step(LocalBatch batch, int epoch, long step, float learningRate)
      throws IOException, InterruptedException, DivergedException {
    times.start();
    replica.trainStep(batch, seed, epoch, GradientListener.NONE, BatchSums.ALONE);
    times.computed();
    exchange(step, learningRate);
    // What a pull waits for, shards tell too late: it counts as communication.
    times.exchanged(0);
    if (Thread.interrupted()) {
      throw new InterruptedException("Told to stop in step " + step + ".");
    }
    if (stepSums.isNonFinite(0) && !skipsNonFinite) {
      throw diverged(step, learningRate);
    }
    if (!stepSums.isNonFinite(0)) {
      replica.take(values);
    }
    times.computed();
    return stepSums;
  }

  private void exchange(long step, float learningRate) throws IOException {
    float[][] sums = replica.sums();
    for (int i = 0; i < sums.length; i++) {
      // Sums that are finite here may overflow at a shard: the loss of the next step tells then.
      sums[i][layout.nonFiniteIndex()] = replica.isFinite(sums[i], 0, layout.lossIndex()) ? 0 : 1;
      // Of all nodes of all workers one has the rate.
      StepTotals.copy(layout, sums[i], led.isPresent() && i == 0 ? learningRate : 0, totals[i]);
    }
    long before = client.pushedBytes();
    client.push(step, sums, totals);
    times.pushed(client.pushedBytes() - before);
    if (led.isPresent()) {
      leadRounds(led.get(), step);
    }
    client.pull(step + 1, values);
  }

  /**
   * Exchanges the sums once more, which update nothing: whoever leaves takes the shard beside it
   * along, so none may before all have seen the loss.
   */
  private DivergedException diverged(long step, float learningRate) {
    DivergedException diverged = DivergedException.of(replica, step, stepSums.loss(0));
    try {
      exchange(step + 1, learningRate);
    } catch (IOException e) {
      diverged.addSuppressed(e); // others have left, so they had seen it
    }
    return diverged;
  }

  private void leadRounds(BlockOptimizer optimizer, long step) throws IOException {
    for (int i = 0; i < optimizer.rounds(); i++) {
      int round = i;
      client.settle(step, round, measures -> optimizer.combine(round, measures));
    }
  }

  @Override
  public void awaitParameters() {} // all are there when a step ends

  @Override
  public StepSums settle(long step) {
    return noStep;
  }

  /** That of the shard beside this rank, if there is one: shards keep it. */
  @Override
  public List<KeptArrays> state(long steps) throws IOException, InterruptedException {
    return beside.isPresent()
        ? List.of(beside.get().state().read(beside.get().shard(), steps, beside.get().timeout()))
        : List.of();
  }

  @Override
  public StepTimes times() {
    return times;
  }

  @Override
  public void close() {
    client.close();
  }
}
