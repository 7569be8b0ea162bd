package org.backdraft.driver;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.LeafScores;
import org.backdraft.driver.control.Lease;
import org.backdraft.driver.control.LeaseSums;
import org.backdraft.driver.control.StepRecords;
import org.backdraft.driver.lease.BatchTally;
import org.backdraft.driver.lease.LeaseCut;
import org.backdraft.driver.lease.LeasePool;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * The work of a run, phase by phase: an epoch's training, its evaluation, the next epoch. A phase
 * begins when all leases of the one before are completed. Times are {@link System#nanoTime} of the
 * caller. Used by one thread.
 */
final class LeaseWork {
  private final WorkerTask.Leased task;
  private final TrainingProgress progress;
  private final Leaves leaves;
  private final LeaseCut cut;
  private final LeasePool pool;
  private final BatchTally tally = new BatchTally();
  private final long stepsPerEpoch;
  private final long totalSteps;
  private LeafScores scores;
  private int epoch;
  private boolean hasJoined;
  private boolean isOver;
  private boolean isKeeping;
  private final long[] completed; // by rank
  private final long[] pushedBytes; // likewise

  LeaseWork(WorkerTask.Leased task, LeasePool.Limits limits, TrainingProgress progress) {
    this.task = task;
    this.progress = progress;
    leaves = task.model().leaves();
    cut = new LeaseCut(leaves, task.leases().perBatch());
    pool = new LeasePool(limits);
    completed = new long[task.gang().worldSize()];
    pushedBytes = new long[completed.length];
    int examples = task.train().training().examples();
    stepsPerEpoch = task.train().course().stepsPerEpoch(examples);
    totalSteps = task.train().course().totalSteps(examples);
  }

  /** Puts in the first epoch. */
  void start(long nowNanos) {
    startEpoch(nowNanos);
  }

  private void startEpoch(long nowNanos) {
    long first = epoch * stepsPerEpoch;
    WorkerTask.Train train = task.train();
    List<Lease> leases =
        cut.training(
            epoch,
            train.training().examples(),
            train.course().globalBatch(),
            first,
            Math.min(stepsPerEpoch, totalSteps - first));
    pool.add(leases);
    tally.expect(leases, nowNanos);
  }

  private void startEvaluation() {
    scores = new LeafScores(new LeafRange(0, leaves.count()));
    long done = Math.min(totalSteps, (epoch + 1) * stepsPerEpoch);
    Collection<Lease> leases = cut.evaluation(epoch, task.validation().examples(), done);
    pool.add(leases);
  }

  /** Notes that somebody works. */
  void joined(Hello hello) {
    if (!hasJoined) {
      hasJoined = true;
      progress.joined(new Hello[] {hello});
    }
  }

  /** Gives a worker the next lease. */
  Optional<Lease> take(int rank, long nowNanos) {
    return pool.take(rank, nowNanos);
  }

  void begin(int rank, long lease, long nowNanos) {
    pool.begin(rank, lease, nowNanos);
  }

  /** Completes a training lease; nothing happens where the worker does not have it any more. */
  void complete(int rank, LeaseSums sums, long nowNanos) {
    Optional<Lease> lease = pool.complete(rank, sums.lease(), nowNanos);
    if (lease.isEmpty()) {
      return;
    }
    completed[rank]++;
    pushedBytes[rank] += sums.pushedBytes();
    StepRecords records = tally.add(lease.get(), sums, this::rate, nowNanos);
    if (records.count() > 0) {
      progress.stepped(new GangEvent.Stepped(rank, records));
    }
    if (pool.isDone()) {
      startEvaluation();
    }
  }

  private float rate(long step) {
    return task.train().rate().of(step, stepsPerEpoch, totalSteps, 1);
  }

  /** Completes a lease of the validation set, likewise. */
  void score(int rank, long id, LeafScores part, long nowNanos) {
    Optional<Lease> lease = pool.complete(rank, id, nowNanos);
    if (lease.isEmpty()) {
      return;
    }
    Checks.state(
        part.range().equals(lease.get().leaves()),
        "Worker %d must report scores of %s: it reported %s.",
        rank,
        lease.get().leaves(),
        part.range());
    scores.set(part);
    if (pool.isDone()) {
      boolean goOn = progress.scored(epoch, scores.total(leaves));
      epoch++;
      isOver = !goOn;
      isKeeping = goOn && progress.keepsWeights();
      if (goOn && !isKeeping) {
        startEpoch(nowNanos);
      }
    }
  }

  /** Whether work goes on only when the weights that were scored last are kept. */
  boolean isKeeping() {
    return isKeeping;
  }

  /** Where those weights are to go. */
  Weights keeping() {
    return progress.receiving();
  }

  /** The weights are kept: on with the next epoch. */
  void kept(long nowNanos) {
    isKeeping = false;
    startEpoch(nowNanos);
  }

  /** Takes back what a worker has; how many leases that are. */
  int release(int rank) {
    return pool.release(rank).size();
  }

  Optional<LeasePool.Overdue> overdue(long nowNanos) {
    return pool.overdue(nowNanos);
  }

  /** Why a worker is given up whose time is over: a clause. */
  String describe(LeasePool.Overdue late) {
    Lease lease = late.lease();
    long millis = late.begun() ? task.leases().computingMillis() : task.leases().waitingMillis();
    return "it has %s leaves %d to %d of step %d for more than %d s (sync.leases.seconds)"
        .formatted(
            late.begun() ? "computed" : "waited for data or parameters of",
            lease.leaves().begin(),
            lease.leaves().end() - 1,
            lease.step() + 1,
            millis / 1000);
  }

  /** The step of what a worker computes, or is to compute next; empty where it has nothing. */
  OptionalLong step(int rank) {
    return pool.first(rank)
        .map(lease -> OptionalLong.of(lease.step()))
        .orElse(OptionalLong.empty());
  }

  int held(int rank) {
    return pool.held(rank);
  }

  int free() {
    return pool.free();
  }

  /** Whether all epochs are done. */
  boolean isOver() {
    return isOver;
  }

  /** Starts the time limits of all leases anew. */
  void renew(long nowNanos) {
    pool.renew(nowNanos);
  }

  /** Training leases that were completed. */
  long completedInAll() {
    return Arrays.stream(completed).sum();
  }

  /** How many training leases each rank has completed. */
  List<Long> completed() {
    return Arrays.stream(completed).boxed().toList();
  }

  /** What each rank has pushed to shards with those. */
  List<Long> pushedBytes() {
    return Arrays.stream(pushedBytes).boxed().toList();
  }

  /** Leases that came back from a worker that was computing them. */
  long redone() {
    return pool.redone();
  }

  /**
   * @throws RunInterruptedException if the run is to stop
   */
  void requireGoOn() {
    int unused = progress.signal();
  }

  TrainingDivergedException diverged(GangEvent.Failed report) {
    return progress.diverged(List.of(report));
  }
}
