package org.backdraft.driver;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.backdraft.driver.control.LeaseControl;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.lease.LeasePool;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.worker.LeaseSpec;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.Kernels;
import org.backdraft.ps.ShardSnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Training with {@code ssp} or {@code async}, from its shards to its end. */
final class LeaseTraining {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseTraining.class);

  private final Cluster cluster;
  private final Kernels kernels;
  private final TrainingProgress progress;
  private final Checkpoints checkpoints;
  private final int snapshotEvery;

  /**
   * @param checkpoints where states go that another driver may go on from
   * @param snapshotEvery about how many leases a worker completes between two copies of shards that
   *     are beside workers
   */
  LeaseTraining(
      Cluster cluster,
      Kernels kernels,
      TrainingProgress progress,
      Checkpoints checkpoints,
      int snapshotEvery) {
    this.cluster = cluster;
    this.kernels = kernels;
    this.progress = progress;
    this.checkpoints = checkpoints;
    this.snapshotEvery = snapshotEvery;
  }

  /**
   * Trains.
   *
   * @param weights that training starts with, empty where they are drawn from the seed
   * @return what happened among the workers; the weights are the progress's
   * @throws RunInterruptedException if it was told to stop
   */
  SyncReport run(WorkerTask.Leased task, Optional<Weights> weights)
      throws IOException, InterruptedException {
    int slots = task.train().stateLayout().optimizer();
    Weights start = weights.orElseGet(() -> drawn(task.model()));
    return train(
        task, new TableState(task.table(), start, new float[slots][start.parameters().length]));
  }

  /**
   * Goes on from the newest checkpoint, likewise.
   *
   * @param folder of the checkpoints, for a message
   * @throws ConfigurationException if there is none
   */
  SyncReport resume(WorkerTask.Leased task, String folder)
      throws IOException, InterruptedException {
    GangState saved = checkpoints.resumed(folder);
    TableState start = TableState.of(task.table(), saved);
    progress.goOn(saved.counts(), 0, "it was resumed");
    return train(task.from(saved.position()), start);
  }

  private SyncReport train(WorkerTask.Leased task, TableState start)
      throws IOException, InterruptedException {
    LeaseSpec spec = task.leases();
    LeasePool.Limits limits =
        new LeasePool.Limits(
            Duration.ofMillis(spec.computingMillis()), Duration.ofMillis(spec.waitingMillis()));
    LeaseWork work = new LeaseWork(task, limits, progress, state -> checkpoints.save(state, 0));
    LOG.info(
        "Workers take leases, {} of each batch, with sync.consistency={}: weights will not be the"
            + " same bits in another run.",
        spec.perBatch(),
        task.train().sync().consistency());
    ShardSnapshot blocks = start.snapshot(task.gang().worldSize());
    LeaseRun.Outcome outcome = run(task, control -> open(task, control, blocks), work);
    if (work.hasStopped()) {
      throw RunInterruptedException.after(progress.counts().steps, checkpoints.awaitSaved());
    }
    LeaseNumbers numbers = work.numbers(outcome.lostUpdates());
    return new SyncReport(
        outcome.restarts(),
        work.completed(),
        numbers.redone(),
        numbers.lost(),
        work.pushedBytes(),
        outcome.widestLead());
  }

  private static Weights drawn(ModelSpec model) {
    Weights weights = Weights.zeros(model.network());
    model.start().draw(model.network(), weights.parameters(), weights.buffers());
    return weights;
  }

  /**
   * @param start all blocks as they begin
   */
  private LeaseShards open(WorkerTask.Leased task, LeaseControl control, ShardSnapshot start)
      throws IOException {
    if (task.train().sync().placement() == SyncSpec.Placement.DRIVER) {
      return DriverShards.open(task, cluster.placement(), kernels, start);
    }
    Duration timeout = Duration.ofMillis(2 * task.leases().computingMillis());
    TableCopies copies =
        new TableCopies(List.of(start), task.gang().worldSize(), snapshotEvery, timeout);
    return new HostedShards(
        task, control, copies, Duration.ofMillis(task.gang().registrationTimeoutMillis()));
  }

  private LeaseRun.Outcome run(
      WorkerTask.Leased task, LeaseRun.ShardOpening opening, LeaseWork work)
      throws IOException, InterruptedException {
    TableState result = new TableState(task.table(), progress.weights(), new float[0][]);
    try {
      return LeaseRun.run(cluster, task, opening, work, result);
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("Training by leases failed in an unexpected way.", e);
    }
  }
}
