package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import org.backdraft.data.BatchFeed;
import org.backdraft.data.BatchLoader;
import org.backdraft.data.EpochOrder;
import org.backdraft.driver.control.Lease;
import org.backdraft.driver.control.LeaseClient;
import org.backdraft.driver.control.LeaseSums;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.DivergedException;
import org.backdraft.driver.sync.LeaseOptimizer;
import org.backdraft.driver.sync.PushedGradient;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Batch;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.plan.Replica;
import org.backdraft.ps.ParameterClient;
import org.backdraft.ps.ShardException;

/**
 * Lease after lease, until the driver has no more: pull, compute, push. A worker that has no lease
 * takes no part in the clocks, so that nobody waits for it.
 */
final class LeaseLoop {
  private final WorkerTask.Train task;
  private final Parts parts;
  private final Leaves leaves;
  private final ReductionLayout layout;
  private final PushedGradient gradient;
  private final BatchFeed feed;
  private final ArrayDeque<Lease> ready = new ArrayDeque<>(); // trainings among them are being read
  private final float[] table;
  private int[] order = {};
  private int orderEpoch = -1;
  private int evaluatedEpoch = -1;
  private boolean isIn;
  private long clock;
  private long step;

  /**
   * What the loop drives; all are closed by who made them.
   *
   * @param tableSize elements of the shards' table
   */
  record Parts(
      Replica replica,
      LeaseClient leases,
      ShardLink shards,
      int tableSize,
      BatchLoader batches,
      Evaluation evaluation,
      WorkerControl control,
      Duration batchTimeout) {}

  LeaseLoop(WorkerTask.Train task, Parts parts) {
    this.task = task;
    this.parts = parts;
    leaves = task.model().leaves();
    layout = parts.replica().plan().reduction();
    gradient = new PushedGradient(parts.replica().plan(), task.updates());
    feed = parts.batches().startFeed();
    table = new float[parts.tableSize()];
  }

  /** Works until the driver says that it is enough. */
  void run() throws IOException, InterruptedException, DivergedException {
    for (Lease lease = next(); lease != null; lease = next()) {
      step = lease.step();
      parts.control().enterStep(step);
      switch (lease.kind()) {
        case TRAIN -> train(lease);
        case EVALUATE -> evaluate(lease);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("Told to stop in step " + step + ".");
      }
    }
  }

  /** The next lease; null at the end. */
  private Lease next() throws IOException, InterruptedException {
    takeIn();
    if (ready.isEmpty()) {
      stepOut();
      Lease lease = parts.leases().await();
      if (lease == null) {
        return null;
      }
      add(lease);
    }
    return ready.remove();
  }

  /** Has all leases that have come read while another one is computed. */
  private void takeIn() throws IOException, InterruptedException {
    for (Lease lease = parts.leases().poll(); lease != null; lease = parts.leases().poll()) {
      add(lease);
    }
  }

  private void add(Lease lease) {
    if (lease.kind() == Lease.Kind.TRAIN) {
      int first = batchBegin(lease);
      int size = batchSize(lease);
      feed.add(
          lease.epoch(),
          order(lease.epoch()),
          first + leaves.begin(lease.leaves().begin(), size),
          first + leaves.begin(lease.leaves().end(), size));
    }
    ready.add(lease);
  }

  private int[] order(int epoch) {
    if (epoch != orderEpoch) {
      WorkerTask.Course course = task.course();
      order = EpochOrder.of(course.seed(), epoch, task.training().examples(), course.shuffle());
      orderEpoch = epoch;
    }
    return order;
  }

  /** Where the lease's global batch begins in the order of its epoch. */
  private int batchBegin(Lease lease) {
    long inEpoch = lease.step() - lease.epoch() * stepsPerEpoch();
    return (int) (inEpoch * task.course().globalBatch());
  }

  private int batchSize(Lease lease) {
    return Math.min(task.course().globalBatch(), task.training().examples() - batchBegin(lease));
  }

  private long stepsPerEpoch() {
    return task.course().stepsPerEpoch(task.training().examples());
  }

  private void train(Lease lease) throws IOException, InterruptedException, DivergedException {
    Batch batch = parts.batches().next(parts.batchTimeout());
    boolean isWanted = true;
    for (boolean isDone = false; !isDone && isWanted; ) {
      try {
        train(lease, batch);
        isDone = true;
      } catch (ShardException e) {
        isWanted = comeBack(e); // and once more: what was pushed before went with the table
      }
    }
    parts.batches().release(batch);
  }

  private void train(Lease lease, Batch batch)
      throws IOException, InterruptedException, DivergedException {
    stepIn();
    ParameterClient shards = parts.shards().client();
    pull(shards, clock);
    takeIn();
    parts.leases().begin(lease);
    Replica replica = parts.replica();
    replica.trainStep(batch, task.updates().seed(), lease.epoch());
    float[] sums = replica.sums()[0];
    float loss = sums[layout.lossIndex()];
    if (!Float.isFinite(loss)
        || !replica.plan().kernels().update().isFinite(sums, 0, layout.lossIndex())) {
      throw DivergedException.of(replica, lease.step(), loss);
    }
    float learningRate =
        task.rate()
            .of(
                lease.step(),
                stepsPerEpoch(),
                task.course().totalSteps(task.training().examples()),
                1);
    LeaseOptimizer.Totals totals = gradient.totals(sums, learningRate, batchSize(lease));
    long before = shards.pushedBytes();
    shards.push(clock, new float[][] {sums}, new float[][] {totals.toArray()});
    LeaseSums told =
        new LeaseSums(
            lease.id(),
            sums[layout.lossIndex()],
            sums[layout.denominatorIndex()],
            sums[layout.correctIndex()],
            sums[layout.labelsIndex()],
            (int) sums[layout.examplesIndex()],
            shards.pushedBytes() - before,
            clock + 1);
    shards.complete(clock++);
    parts.leases().done(lease, told);
  }

  /** Nobody trains while an epoch is evaluated, so all its leases have the same parameters. */
  private void evaluate(Lease lease) throws IOException, InterruptedException {
    stepOut();
    boolean isWanted = true;
    while (isWanted && (evaluatedEpoch != lease.epoch() || parts.shards().isStale())) {
      try {
        pull(parts.shards().client(), 0);
        evaluatedEpoch = lease.epoch();
      } catch (ShardException e) {
        isWanted = comeBack(e);
      }
    }
    if (isWanted) {
      parts.leases().begin(lease);
      parts.leases().scored(lease, parts.evaluation().run(leaves, lease.leaves()));
    }
  }

  private void pull(ParameterClient shards, long at) throws IOException {
    shards.pull(at, table);
    System.arraycopy(table, 0, parts.replica().parameters(), 0, layout.parameters());
    System.arraycopy(
        table, layout.statisticsBegin(), parts.replica().buffers(), 0, layout.statistics());
  }

  private void stepIn() throws IOException {
    if (!isIn || parts.shards().isStale()) {
      clock = parts.shards().client().join();
      isIn = true;
    }
  }

  private void stepOut() throws IOException, InterruptedException {
    if (isIn) {
      isIn = false;
      try {
        parts.shards().client().finish();
      } catch (ShardException e) {
        boolean unused = comeBack(e); // where this worker takes no part before it steps in
      }
    }
  }

  /** Waits for shards in place of those that failed; false where there is no more work. */
  private boolean comeBack(ShardException failure) throws IOException, InterruptedException {
    isIn = false;
    if (Thread.interrupted()) {
      throw new InterruptedException("Told to stop in step " + step + ".");
    }
    return parts.shards().renew(failure);
  }

  /** The step of the lease that is being worked at, from 0. */
  long step() {
    return step;
  }
}
