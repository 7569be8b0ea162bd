package org.backdraft.driver;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.driver.control.LeaseControl;
import org.backdraft.driver.lease.LeasePool;
import org.backdraft.driver.sync.LeaseOptimizer;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.worker.LeaseSpec;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Plan;
import org.backdraft.ps.ParameterShard;
import org.backdraft.ps.ShardSnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Training with {@code ssp} or {@code async}, from its shards to its report. */
final class LeaseTraining {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseTraining.class);

  private final Cluster cluster;
  private final Kernels kernels;
  private final TrainingProgress progress;
  private final int snapshotEvery;

  /**
   * @param snapshotEvery about how many leases a worker completes between two copies of shards that
   *     are beside workers
   */
  LeaseTraining(Cluster cluster, Kernels kernels, TrainingProgress progress, int snapshotEvery) {
    this.cluster = cluster;
    this.kernels = kernels;
    this.progress = progress;
    this.snapshotEvery = snapshotEvery;
  }

  /**
   * Trains.
   *
   * @param weights that training starts with, empty where they are drawn from the seed
   * @param data for the report
   */
  TrainingReport run(WorkerTask.Leased task, Optional<Weights> weights, TrainedOn data)
      throws IOException, InterruptedException {
    LeaseSpec spec = task.leases();
    LeasePool.Limits limits =
        new LeasePool.Limits(
            Duration.ofMillis(spec.computingMillis()), Duration.ofMillis(spec.waitingMillis()));
    LeaseWork work = new LeaseWork(task, limits, progress);
    Weights start = weights.orElseGet(() -> drawn(task.model()));
    SyncSpec sync = task.train().sync();
    LOG.info(
        "Workers take leases, {} of each batch, with sync.consistency={}: weights will not be the"
            + " same bits in another run.",
        spec.perBatch(),
        sync.consistency());
    LeaseRun.Outcome outcome = run(task, control -> open(task, control, start), work);
    SyncReport report =
        new SyncReport(
            outcome.restarts(),
            work.completed(),
            work.redone(),
            outcome.lostUpdates(),
            work.pushedBytes(),
            outcome.widestLead());
    String digest = progress.weights().sha256(task.model().network());
    return progress.report(digest, data, report);
  }

  private static Weights drawn(ModelSpec model) {
    Weights weights = Weights.zeros(model.network());
    model.start().draw(model.network(), weights.parameters(), weights.buffers());
    return weights;
  }

  private LeaseShards open(WorkerTask.Leased task, LeaseControl control, Weights start)
      throws IOException {
    if (task.train().sync().placement() == SyncSpec.Placement.DRIVER) {
      return DriverShards.open(task, cluster.placement(), kernels, start);
    }
    Duration timeout = Duration.ofMillis(2 * task.leases().computingMillis());
    TableCopies copies =
        new TableCopies(firstCopy(task, start), task.gang().worldSize(), snapshotEvery, timeout);
    return new HostedShards(
        task, control, copies, Duration.ofMillis(task.gang().registrationTimeoutMillis()));
  }

  /** The table before the first step. */
  private List<ShardSnapshot> firstCopy(WorkerTask.Leased task, Weights start) {
    SharedTable table = task.table();
    LeaseOptimizer optimizer = task.optimizer(Plan.compile(task.request(), kernels));
    List<ShardSnapshot> copies = new ArrayList<>();
    for (int number = 0; number < table.plan().shards(); number++) {
      ParameterShard shard =
          table.shard(number, optimizer, kernels, start.parameters(), start.buffers());
      copies.add(shard.snapshot());
    }
    return copies;
  }

  private LeaseRun.Outcome run(
      WorkerTask.Leased task, LeaseRun.ShardOpening opening, LeaseWork work)
      throws IOException, InterruptedException {
    try {
      return LeaseRun.run(cluster, task, opening, work, progress.weights());
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("Training by leases failed in an unexpected way.", e);
    }
  }
}
