package org.backdraft.ps;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.tensor.Checks;

/**
 * The blocks of a table that one shard owns, with their optimizer: what is pushed is summed and
 * applied here, what is pulled waits here until the workers are close enough.
 *
 * <p>When a push is applied and a pull answered is the {@link Consistency}'s: see {@link
 * TreeUpdates} for {@code bsp}, {@link ArrivalUpdates} for {@code ssp:s} and {@code async}. Pulls
 * that wait hold no memory.
 *
 * <p><b>Threads</b>: safe for all; one lock, since the work of a shard is one after the other in
 * any case. More shards work at once.
 */
public final class ParameterShard {
  private final ShardPlan plan;
  private final int shard;
  private final ShardSettings settings;

  private final ReentrantLock lock = new ReentrantLock();
  // All that follows is guarded by the lock.
  private final Condition changed = lock.newCondition();
  private final ShardBlocks blocks;
  private final WorkerClocks clocks;
  private final UpdateRule rule;
  private SnapshotInProgress snapshot; // null while none is being taken
  private long widestLead;
  private long sparsePushes;

  /**
   * A shard of a new table.
   *
   * @param shard in [0, {@link ShardPlan#shards})
   * @param optimizer applied to sums
   * @param adder adds elements; must be plain IEEE addition
   * @param start the values of the whole table, of which this shard copies its own
   */
  public ParameterShard(
      ShardPlan plan,
      int shard,
      ShardSettings settings,
      BlockOptimizer optimizer,
      Adder adder,
      float[] start) {
    this(plan, shard, settings, optimizer, adder);
    blocks.start(start);
  }

  private ParameterShard(
      ShardPlan plan, int shard, ShardSettings settings, BlockOptimizer optimizer, Adder adder) {
    Checks.argument(
        shard >= 0 && shard < plan.shards(),
        "A shard must lie in [0, %d): got %d.",
        plan.shards(),
        shard);
    this.plan = plan;
    this.shard = shard;
    this.settings = settings;
    boolean sums = settings.consistency().mode() == Consistency.Mode.BSP;
    int nodes = sums ? settings.nodes() : 0;
    clocks = new WorkerClocks(settings.workers());
    blocks = new ShardBlocks(plan, shard, optimizer.stateSlots(), settings.workers(), nodes);
    rule =
        sums
            ? new TreeUpdates(settings, blocks, optimizer, adder)
            : new ArrivalUpdates(settings.consistency(), clocks, blocks, optimizer);
  }

  /**
   * A shard of a table that goes on from a snapshot, under the plan's higher epoch.
   *
   * @param snapshots of all shards of the old table, at one clock
   * @throws IllegalArgumentException if they are not of one clock and an older epoch, or do not
   *     hold every block of this shard
   */
  public static ParameterShard restore(
      ShardPlan plan,
      int shard,
      ShardSettings settings,
      BlockOptimizer optimizer,
      Adder adder,
      Collection<ShardSnapshot> snapshots) {
    ParameterShard restored = new ParameterShard(plan, shard, settings, optimizer, adder);
    restored.clocks.restore(restored.blocks.restore(snapshots, settings.workers()));
    return restored;
  }

  /** The number of this shard. */
  public int shard() {
    return shard;
  }

  /** The most bytes of pushes that ever waited at once. */
  public long mostPendingBytes() {
    lock.lock();
    try {
      return rule.mostPendingBytes();
    } finally {
      lock.unlock();
    }
  }

  /** How many pushes came again after they had been accepted. */
  public long duplicates() {
    lock.lock();
    try {
      return rule.duplicates();
    } finally {
      lock.unlock();
    }
  }

  /** How many pushes held some rows of their block alone. */
  public long sparsePushes() {
    lock.lock();
    try {
      return sparsePushes;
    } finally {
      lock.unlock();
    }
  }

  /**
   * By how many steps a worker that was given values was ever ahead of the slowest one that was
   * there.
   */
  public long widestLead() {
    lock.lock();
    try {
      return widestLead;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a push: at most once by its name. */
  Answer push(Push push) {
    lock.lock();
    try {
      String objection = objection(push.epoch(), push.worker(), push.incarnation(), push.block());
      ShardedBlock block = blocks.get(push.block());
      if (objection == null && block == null) {
        objection = "A push must name a block: got block %d.".formatted(push.block());
      }
      if (objection == null) {
        objection = push.objection(settings, block.rows, block.values.length);
      }
      if (objection != null) {
        return Answer.refused(objection);
      }
      long before = block.updates;
      sparsePushes += push.rows() == null ? 0 : 1;
      Answer answer = rule.push(push.whole(block.rows), block);
      if (block.updates > before || block.isSummed) {
        takeIfDue(block);
        changed.signalAll();
      }
      return answer;
    } finally {
      lock.unlock();
    }
  }

  private String objection(int epoch, int worker, int incarnation, int block) {
    if (epoch != plan.epoch()) {
      return "Requests must be of epoch %d of the table: got epoch %d."
          .formatted(plan.epoch(), epoch);
    }
    if (worker < 0 || worker >= settings.workers()) {
      return "A worker must lie in [0, %d): got %d.".formatted(settings.workers(), worker);
    }
    if (!clocks.isCurrent(worker, incarnation)) {
      return "Worker %d was replaced: its start %d no longer counts."
          .formatted(worker, incarnation);
    }
    if (block >= 0 && blocks.get(block) == null) {
      return "Block %d must be one of shard %d: it is not.".formatted(block, shard);
    }
    return null;
  }

  /**
   * The values of a block, as soon as the workers are close enough.
   *
   * @param clock how many steps the worker has completed
   * @param most how long to wait before {@code NOT_YET}
   */
  Answer pull(int epoch, int worker, int incarnation, long clock, int block, Duration most) {
    return await(
        epoch,
        worker,
        incarnation,
        block,
        most,
        wanted -> {
          if (!rule.isReady(wanted, clock)) {
            return null;
          }
          widestLead = Math.max(widestLead, clocks.lead(clock));
          return Answer.values(wanted.updates, wanted.values.clone());
        });
  }

  /**
   * What a block contributes to a round of a step, as soon as all have pushed.
   *
   * @param clock the step
   * @param most how long to wait before {@code NOT_YET}
   */
  Answer measures(
      int epoch, int worker, int incarnation, long clock, int block, int round, Duration most) {
    return await(
        epoch,
        worker,
        incarnation,
        block,
        most,
        wanted -> {
          if (wanted.updates > clock) {
            return Answer.refused("The rounds of clock %d are over.".formatted(clock));
          }
          return rule.isMeasured(wanted, clock, round) ? Answer.measures(wanted.measures) : null;
        });
  }

  /**
   * Waits until there is an answer.
   *
   * @param answers of a block, null while it is to be waited for; called with the lock held
   */
  private Answer await(
      int epoch,
      int worker,
      int incarnation,
      int block,
      Duration most,
      Function<ShardedBlock, Answer> answers) {
    long endNanos = System.nanoTime() + most.toNanos();
    lock.lock();
    try {
      while (true) {
        String objection = objection(epoch, worker, incarnation, block);
        ShardedBlock wanted = blocks.get(block);
        if (objection != null || wanted == null) {
          return Answer.refused(objection == null ? "A block must be named." : objection);
        }
        Answer answer = answers.apply(wanted);
        if (answer != null) {
          return answer;
        }
        long remainingNanos = endNanos - System.nanoTime();
        if (remainingNanos <= 0) {
          return rule.notYet(wanted);
        }
        try {
          changed.awaitNanos(remainingNanos);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return rule.notYet(wanted);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes what a round made known of the whole table, for all blocks of this shard.
   *
   * @param clock the step
   */
  Answer settle(int epoch, int worker, int incarnation, long clock, int round, double[] known) {
    lock.lock();
    try {
      String objection = objection(epoch, worker, incarnation, -1);
      if (objection != null) {
        return Answer.refused(objection);
      }
      Answer answer = rule.settle(clock, round, known);
      takeAllDue();
      changed.signalAll();
      return answer;
    } finally {
      lock.unlock();
    }
  }

  /** A worker has completed a step: all its pushes have been accepted. */
  Answer complete(int epoch, int worker, int incarnation, long clock) {
    lock.lock();
    try {
      String objection = objection(epoch, worker, incarnation, -1);
      if (objection != null) {
        return Answer.refused(objection);
      }
      clocks.complete(worker, clock);
      clocksChanged();
      return Answer.ACCEPTED;
    } finally {
      lock.unlock();
    }
  }

  /** A worker pushes no more and holds nobody back. */
  Answer finish(int epoch, int worker, int incarnation) {
    lock.lock();
    try {
      String objection = objection(epoch, worker, incarnation, -1);
      if (objection != null) {
        return Answer.refused(objection);
      }
      clocks.finish(worker);
      clocksChanged();
      return Answer.ACCEPTED;
    } finally {
      lock.unlock();
    }
  }

  /** A start of a worker begins, or begins again after it was fenced. */
  Answer join(int epoch, int worker, int incarnation) {
    lock.lock();
    try {
      String objection = objection(epoch, worker, incarnation, -1);
      if (objection != null) {
        return Answer.refused(objection);
      }
      long clock = clocks.join(worker, incarnation);
      clocksChanged();
      return Answer.joined(rule.resumesAt(worker, clock));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Shuts out a worker that is lost: what it still sends is refused, and with {@code ssp} nobody
   * waits for it any more. A later start of it may join.
   *
   * @param incarnation the start that is lost, and all before
   */
  public void fence(int worker, int incarnation) {
    lock.lock();
    try {
      clocks.fence(worker, incarnation);
      clocksChanged();
    } finally {
      lock.unlock();
    }
  }

  private void clocksChanged() {
    takeAllDue();
    changed.signalAll();
  }

  private void takeAllDue() {
    for (ShardedBlock block : blocks.all()) {
      takeIfDue(block);
    }
  }

  private void takeIfDue(ShardedBlock block) {
    if (snapshot != null && rule.isAt(block, snapshot.clock)) {
      snapshot.take(block, clocks);
    }
  }

  /** The first clock that {@link #snapshotAt} can still take. */
  public long nextSnapshotClock() {
    lock.lock();
    try {
      return rule.reached();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A copy of this shard at a clock, taken while workers go on; see {@link ShardSnapshot} for what
   * it holds. One at a time. The same clock at every shard makes one snapshot of the table.
   *
   * @param clock at least {@link #nextSnapshotClock} of every shard
   * @param timeout how long to wait until the workers have come there
   * @throws IllegalStateException if the clock is past, or another snapshot is being taken
   * @throws TimeoutException if the workers did not come there in time
   */
  public ShardSnapshot snapshotAt(long clock, Duration timeout)
      throws TimeoutException, InterruptedException {
    long endNanos = System.nanoTime() + timeout.toNanos();
    lock.lockInterruptibly();
    try {
      startSnapshot(clock);
      try {
        return awaitSnapshot(timeout, endNanos);
      } finally {
        snapshot = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private void startSnapshot(long clock) {
    Checks.state(snapshot == null, "One snapshot must end before the next: clock %d.", clock);
    Checks.state(
        rule.isOpen(clock),
        "A snapshot's clock must not be past: shard %d is at %d, got %d.",
        shard,
        rule.reached(),
        clock);
    snapshot = new SnapshotInProgress(clock, clocks);
    takeAllDue();
  }

  private ShardSnapshot awaitSnapshot(Duration timeout, long endNanos)
      throws TimeoutException, InterruptedException {
    while (!snapshot.holdsAll(blocks)) {
      long remainingNanos = endNanos - System.nanoTime();
      if (remainingNanos <= 0) {
        throw new TimeoutException(
            "Shard %d must reach clock %d within %d ms: it is at %d."
                .formatted(shard, snapshot.clock, timeout.toMillis(), rule.reached()));
      }
      changed.awaitNanos(remainingNanos);
    }
    return snapshot.snapshot(plan.epoch());
  }

  /** Copies of all blocks as they are, ascending by number. */
  public List<ShardSnapshot.BlockImage> images() {
    lock.lock();
    try {
      return blocks.all().stream().map(ShardedBlock::image).toList();
    } finally {
      lock.unlock();
    }
  }
}
