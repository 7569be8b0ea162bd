package org.backdraft.driver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.LeafScores;
import org.backdraft.driver.control.Lease;
import org.backdraft.driver.control.LeaseSums;
import org.backdraft.driver.control.StepRecords;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.driver.lease.BatchTally;
import org.backdraft.driver.lease.LeaseCut;
import org.backdraft.driver.lease.LeasePool;
import org.backdraft.driver.lease.LeasedEpoch;
import org.backdraft.driver.worker.CheckpointRule;
import org.backdraft.driver.worker.Position;
import org.backdraft.driver.worker.TrainingLoop;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.ps.ShardSnapshot.BlockImage;
import org.backdraft.tensor.Checks;

/**
 * The work of a run, phase by phase: an epoch's training, its evaluation, the next epoch. A phase
 * begins when all leases of the one before are completed. Where the table is to be copied, at the
 * end of an epoch or between two steps, nobody works until it is.
 *
 * <p>Times are {@link System#nanoTime} of the caller. Used by one thread.
 */
final class LeaseWork {
  private final WorkerTask.Leased task;
  private final TrainingProgress progress;
  private final Consumer<GangState> saver;
  private final CheckpointRule rule;
  private final LeaseNumbers before;
  private final Leaves leaves;
  private final LeaseCut cut;
  private final LeasePool pool;
  private final BatchTally tally = new BatchTally();
  private final long stepsPerEpoch;
  private final long totalSteps;
  private LeasedEpoch training; // null while an epoch is evaluated, and between epochs
  private LeafScores scores;
  private int epoch;
  private boolean hasJoined;
  private boolean isOver;
  private final long[] completed; // by rank
  private final long[] pushedBytes; // likewise

  // What is to be copied, and why.
  private final List<TableState> copies = new ArrayList<>();
  private Optional<GangState> saving = Optional.empty(); // its arrays are those of the last copy
  private boolean isSaveAsked;
  private boolean isStopAsked;
  private long savedSteps = -1;

  /**
   * @param task from where it goes on
   * @param saver takes each state that is to be kept
   */
  LeaseWork(
      WorkerTask.Leased task,
      LeasePool.Limits limits,
      TrainingProgress progress,
      Consumer<GangState> saver) {
    this.task = task;
    this.progress = progress;
    this.saver = saver;
    rule = task.train().continuity().rule();
    before = progress.counts().leases;
    leaves = task.model().leaves();
    cut = new LeaseCut(leaves, task.leases().perBatch());
    pool = new LeasePool(limits);
    completed = new long[task.gang().worldSize()];
    pushedBytes = new long[completed.length];
    int examples = task.train().training().examples();
    stepsPerEpoch = task.train().course().stepsPerEpoch(examples);
    totalSteps = task.train().course().totalSteps(examples);
  }

  /** Puts in the first work. */
  void start(long nowNanos) {
    Position from = task.train().continuity().from();
    epoch = from.epoch();
    if (task.train().continuity().goesOn()) {
      savedSteps = from.steps(stepsPerEpoch);
    }
    progress.taken();
    startEpoch(from.stepInEpoch(), nowNanos);
  }

  /**
   * @param done steps of the epoch that are
   */
  private void startEpoch(long done, long nowNanos) {
    long first = epoch * stepsPerEpoch;
    long end = Math.max(done, Math.min(stepsPerEpoch, totalSteps - first));
    WorkerTask.Train train = task.train();
    List<Lease> all =
        cut.training(
            epoch, train.training().examples(), train.course().globalBatch(), first, done, end);
    tally.expect(all, nowNanos);
    training = new LeasedEpoch(pool, all, first + done, first + end, rule.everySteps());
    goOn(nowNanos);
  }

  /** On from a border: to the next one, or to the evaluation. */
  private void goOn(long nowNanos) {
    if (training.isLast()) {
      training = null;
      startEvaluation();
    } else {
      tally.rest(nowNanos);
      training.open();
    }
  }

  private void startEvaluation() {
    scores = new LeafScores(new LeafRange(0, leaves.count()));
    long done = Math.min(totalSteps, (epoch + 1) * stepsPerEpoch);
    Collection<Lease> evaluation = cut.evaluation(epoch, task.validation().examples(), done);
    pool.add(evaluation);
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
    Optional<Lease> lease = pool.take(rank, nowNanos);
    if (training != null) {
      lease.ifPresent(training::begin);
    }
    return lease;
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
      reachBorder(nowNanos);
    }
  }

  private float rate(long step) {
    return task.train().rate().of(step, stepsPerEpoch, totalSteps, 1);
  }

  /** All steps before the border are done. */
  private void reachBorder(long nowNanos) {
    long steps = training.border();
    isSaveAsked |= rule.isDueAfterSteps(steps);
    // What is saved when the epoch has been evaluated is of the same step.
    boolean isSavedLater = training.isLast() && rule.isDueAfterEpochs(epoch + 1) && !isStopAsked;
    if (!isSavedLater) {
      saveIfAsked(steps, new Position(epoch, steps - epoch * stepsPerEpoch));
    }
    if (!isCopying() && !hasStopped()) {
      goOn(nowNanos);
    }
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
      endEpoch(lease.get().step(), nowNanos);
    }
  }

  private void endEpoch(long steps, long nowNanos) {
    isOver = !progress.scored(epoch, scores.total(leaves));
    epoch++;
    if (isOver) {
      return;
    }
    if (progress.keepsWeights()) {
      copies.add(new TableState(task.table(), progress.receiving(), new float[0][]));
    }
    isSaveAsked |= rule.isDueAfterEpochs(epoch);
    saveIfAsked(steps, new Position(epoch, 0));
    if (!isCopying() && !hasStopped()) {
      startEpoch(0, nowNanos);
    }
  }

  /** Has the table copied where the state is to be kept; what was kept of this step is enough. */
  private void saveIfAsked(long steps, Position position) {
    if (!isSaveAsked) {
      return;
    }
    isSaveAsked = false;
    if (steps == savedSteps) {
      progress.saved(isStopAsked);
      return;
    }
    savedSteps = steps;
    GangState state =
        GangState.empty(
            task.model().network(),
            task.train().stateLayout().total(),
            position,
            progress.counts());
    saving = Optional.of(state);
    copies.add(new TableState(task.table(), state.weights(), state.slots()));
    progress.taken();
  }

  /** Whether work goes on only when the table has been copied. */
  boolean isCopying() {
    return !copies.isEmpty();
  }

  /** Takes a block of the copy. */
  void copy(BlockImage block) {
    copies.forEach(each -> each.take(block));
  }

  /**
   * All blocks have been taken: on with the work.
   *
   * @param lostUpdates of this driver until now
   */
  void copied(long lostUpdates, long nowNanos) {
    if (saving.isPresent()) {
      GangState state = saving.get();
      List<Long> updates = copies.get(copies.size() - 1).updates();
      state.counts().leases = numbers(lostUpdates).at(updates);
      saver.accept(state);
      progress.saved(isStopAsked);
      saving = Optional.empty();
    }
    copies.clear();
    if (hasStopped()) {
      return;
    }
    if (training == null) {
      startEpoch(0, nowNanos);
    } else {
      goOn(nowNanos);
    }
  }

  /**
   * Takes in what is asked of the run.
   *
   * @throws RunInterruptedException if it is to stop and cannot be saved
   */
  void hear(long nowNanos) {
    int signal = progress.signal();
    if (signal == 0) {
      return;
    }
    isSaveAsked = true;
    isStopAsked |= signal == TrainingLoop.STOP;
    if (training != null && !isCopying()) {
      training.hold();
      if (pool.isDone()) {
        reachBorder(nowNanos);
      }
    }
  }

  /** Whether the run was told to stop, and has. */
  boolean hasStopped() {
    return progress.hasStopped();
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

  /** Training leases that were completed, of this driver. */
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

  /**
   * What the whole training knows of itself, but for the updates.
   *
   * @param lostUpdates of this driver
   */
  LeaseNumbers numbers(long lostUpdates) {
    return before.and(pool.redone(), lostUpdates);
  }

  TrainingDivergedException diverged(GangEvent.Failed report) {
    return progress.diverged(List.of(report));
  }
}
