package org.backdraft.ps;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.TreeSum;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * The blocks of a table that one shard owns, with their optimizer: what is pushed is summed and
 * applied here, what is pulled waits here until the workers are close enough.
 *
 * <p><b>{@code bsp}</b>: a block's pushes of one clock, a sum for every node of the leaf tree that
 * a worker holds, are kept until all have come, then added in the order of the tree and applied
 * once: the bits of {@link org.backdraft.comm.algorithm.ExactAllReduce}, in whatever order they
 * come. A pull for clock c waits until c updates are done.
 *
 * <p><b>{@code ssp:s}, {@code async}</b>: a push is applied when it comes. A pull for clock c
 * waits, with {@code ssp}, until every worker has completed c − s steps.
 *
 * <p><b>Memory</b>: values and state; with {@code bsp} what waits to be summed, at most {@link
 * ShardSettings#maxPendingBytes} and the nodes of one block, for what completes the first open
 * block is always taken. Beyond that a push is told to come again. Pulls that wait hold nothing.
 *
 * <p><b>Threads</b>: safe for all; one lock, since the work of a shard is one after the other in
 * any case. More shards work at once.
 */
public final class ParameterShard {
  private static final long BUSY_MILLIS = 5;

  private final ShardPlan plan;
  private final int shard;
  private final ShardSettings settings;
  private final BlockOptimizer optimizer;
  private final Adder adder;
  private final boolean bsp;
  private final int[] firstNode; // by worker
  private final List<TreeSum.Addition> additions;

  private final ReentrantLock lock = new ReentrantLock();
  // All that follows is guarded by the lock.
  private final Condition changed = lock.newCondition();
  private final Map<Integer, ShardedBlock> blocks = new TreeMap<>();
  private final WorkerClocks clocks;
  private final float[] rowSums; // of a sparse push, zero between pushes
  private long pendingBytes;
  private long mostPendingBytes;
  private long duplicates;
  private long snapshotClock = -1;
  private Map<Integer, ShardSnapshot.BlockImage> images;
  private long[] snapshotClocks;

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
    Checks.argument(
        start.length == plan.size(),
        "Start values must be there for %d elements: got %d.",
        plan.size(),
        start.length);
    for (ShardedBlock block : blocks.values()) {
      System.arraycopy(start, block.begin, block.values, 0, block.values.length);
    }
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
    this.optimizer = optimizer;
    this.adder = adder;
    bsp = settings.consistency().mode() == Consistency.Mode.BSP;
    clocks = new WorkerClocks(settings.workers());
    firstNode = new int[settings.workers() + 1];
    additions = bsp ? planNodes() : List.of();
    int longest = 0;
    for (int block = 0; block < plan.blocks(); block++) {
      if (plan.owner(block) == shard) {
        int length = plan.end(block) - plan.begin(block);
        longest = Math.max(longest, length);
        blocks.put(
            block,
            new ShardedBlock(
                block,
                plan.begin(block),
                length,
                optimizer.stateSlots(),
                settings.workers(),
                firstNode[settings.workers()]));
      }
    }
    rowSums = new float[plan.rowWidth() > 0 && !bsp ? longest : 0];
  }

  private List<TreeSum.Addition> planNodes() {
    List<LeafRange> nodes = new ArrayList<>();
    for (int worker = 0; worker < settings.workers(); worker++) {
      nodes.addAll(settings.leaves().rangeOf(worker, settings.workers()).subtrees());
      firstNode[worker + 1] = nodes.size();
    }
    return TreeSum.plan(settings.leaves(), nodes);
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
    restored.load(snapshots);
    return restored;
  }

  private void load(Collection<ShardSnapshot> snapshots) {
    Map<Integer, ShardSnapshot.BlockImage> byBlock = new TreeMap<>();
    ShardSnapshot first = snapshots.iterator().next();
    for (ShardSnapshot snapshot : snapshots) {
      Checks.argument(
          snapshot.clock() == first.clock() && snapshot.epoch() < plan.epoch(),
          "Snapshots must be of one clock and of an epoch below %d: got clocks %d and %d, epoch %d.",
          plan.epoch(),
          first.clock(),
          snapshot.clock(),
          snapshot.epoch());
      Checks.argument(
          snapshot.clocks().length == settings.workers(),
          "A snapshot must be of %d workers: got %d.",
          settings.workers(),
          snapshot.clocks().length);
      for (ShardSnapshot.BlockImage image : snapshot.blocks()) {
        byBlock.put(image.block(), image);
      }
    }
    for (ShardedBlock block : blocks.values()) {
      ShardSnapshot.BlockImage image = byBlock.get(block.number);
      Checks.argument(
          image != null
              && image.values().length == block.values.length
              && image.state().length == block.state.length,
          "The snapshots must hold block %d with %d elements and %d slots of state: they do not.",
          block.number,
          block.values.length,
          block.state.length);
      block.restore(image);
    }
    // What shards had of the clocks may differ by what was on its way: the least is common to all.
    long[] common = first.clocks().clone();
    for (ShardSnapshot snapshot : snapshots) {
      for (int worker = 0; worker < common.length; worker++) {
        common[worker] = Math.min(common[worker], snapshot.clocks()[worker]);
      }
    }
    clocks.restore(common);
  }

  /** The number of this shard. */
  public int shard() {
    return shard;
  }

  /** The most bytes of pushes that ever waited at once. */
  public long mostPendingBytes() {
    lock.lock();
    try {
      return mostPendingBytes;
    } finally {
      lock.unlock();
    }
  }

  /** How many pushes came again after they had been accepted. */
  public long duplicates() {
    lock.lock();
    try {
      return duplicates;
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
      if (objection == null) {
        objection = objection(push, block);
      }
      if (objection != null) {
        return Answer.refused(objection);
      }
      return bsp ? collect(push, block) : apply(push, block);
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

  private String objection(Push push, ShardedBlock block) {
    int length = block.values.length;
    if (push.totals().length != settings.totals()) {
      return "A push must have %d totals: got %d."
          .formatted(settings.totals(), push.totals().length);
    }
    if (push.rows() == null) {
      return push.values().length == length
          ? null
          : "A push of block %d must have %d elements: got %d."
              .formatted(push.block(), length, push.values().length);
    }
    int width = plan.rowWidth();
    if (width == 0 || push.values().length != push.rows().length * (long) width) {
      return "Rows must be %d elements wide: got %d rows and %d elements."
          .formatted(width, push.rows().length, push.values().length);
    }
    int previous = -1;
    for (int row : push.rows()) {
      if (row <= previous || row >= length / width) {
        return "Rows must ascend in [0, %d): got %d after %d."
            .formatted(length / width, row, previous);
      }
      previous = row;
    }
    return null;
  }

  private Answer collect(Push push, ShardedBlock block) {
    if (push.clock() < block.updates) {
      duplicates++;
      return Answer.ACCEPTED;
    }
    int node = firstNode[push.worker()] + push.sequence();
    if (push.clock() > block.updates
        || push.sequence() < 0
        || node >= firstNode[push.worker() + 1]) {
      return Answer.refused(
          "Worker %d must push node [0, %d) of clock %d: got node %d of clock %d."
              .formatted(
                  push.worker(),
                  firstNode[push.worker() + 1] - firstNode[push.worker()],
                  block.updates,
                  push.sequence(),
                  push.clock()));
    }
    if (block.nodes[node] != null) {
      duplicates++;
      return Answer.ACCEPTED;
    }
    long bytes = block.values.length * (long) Float.BYTES;
    if (pendingBytes + bytes > settings.maxPendingBytes() && block != firstOpen()) {
      return Answer.busy(BUSY_MILLIS);
    }
    block.nodes[node] = dense(push, block);
    block.totals[node] = push.totals();
    block.filled++;
    pendingBytes += bytes;
    mostPendingBytes = Math.max(mostPendingBytes, pendingBytes);
    if (block.filled == block.nodes.length) {
      complete(block);
      pendingBytes -= bytes * block.nodes.length;
      changed.signalAll();
    }
    return Answer.ACCEPTED;
  }

  /** The block whose update is the oldest one that is missing: it may always be completed. */
  private ShardedBlock firstOpen() {
    ShardedBlock first = null;
    for (ShardedBlock block : blocks.values()) {
      if (first == null || block.updates < first.updates) {
        first = block;
      }
    }
    return first;
  }

  private float[] dense(Push push, ShardedBlock block) {
    if (push.rows() == null) {
      return push.values();
    }
    float[] values = new float[block.values.length];
    scatter(push, values);
    for (int row : push.rows()) {
      block.touchedRows.set(row);
    }
    return values;
  }

  private void scatter(Push push, float[] target) {
    int width = plan.rowWidth();
    for (int i = 0; i < push.rows().length; i++) {
      System.arraycopy(push.values(), i * width, target, push.rows()[i] * width, width);
    }
  }

  private void complete(ShardedBlock block) {
    int length = block.values.length;
    for (int at = 0; at < length; at += ParameterBlocks.SIZE) {
      int count = Math.min(ParameterBlocks.SIZE, length - at);
      for (TreeSum.Addition each : additions) {
        adder.add(block.nodes[each.target()], at, block.nodes[each.source()], at, count);
      }
    }
    for (TreeSum.Addition each : additions) {
      for (int i = 0; i < settings.totals(); i++) {
        block.totals[each.target()][i] += block.totals[each.source()][i];
      }
    }
    BlockOptimizer.Block arrays =
        new BlockOptimizer.Block(block.begin, block.values, block.nodes[0], block.state);
    if (plan.rowWidth() == 0) {
      optimizer.update(arrays, 0, length, block.totals[0], block.updates + 1);
    } else {
      int width = plan.rowWidth();
      for (int row = block.touchedRows.nextSetBit(0);
          row >= 0;
          row = block.touchedRows.nextSetBit(row + 1)) {
        optimizer.update(
            arrays, row * width, (row + 1) * width, block.totals[0], block.updates + 1);
      }
    }
    block.updates++;
    block.clearNodes();
    if (block.updates == snapshotClock) {
      images.put(block.number, block.image());
    }
  }

  private Answer apply(Push push, ShardedBlock block) {
    int worker = push.worker();
    long lastClock = block.lastClocks[worker];
    if (push.clock() < lastClock
        || (push.clock() == lastClock && push.sequence() <= block.lastSequences[worker])) {
      duplicates++;
      return Answer.ACCEPTED;
    }
    block.lastClocks[worker] = push.clock();
    block.lastSequences[worker] = push.sequence();
    block.updates++;
    if (push.rows() == null) {
      BlockOptimizer.Block arrays =
          new BlockOptimizer.Block(block.begin, block.values, push.values(), block.state);
      optimizer.update(arrays, 0, block.values.length, push.totals(), block.updates);
      return Answer.ACCEPTED;
    }
    scatter(push, rowSums);
    BlockOptimizer.Block arrays =
        new BlockOptimizer.Block(block.begin, block.values, rowSums, block.state);
    int width = plan.rowWidth();
    for (int row : push.rows()) {
      optimizer.update(arrays, row * width, (row + 1) * width, push.totals(), block.updates);
    }
    return Answer.ACCEPTED;
  }

  /**
   * The values of a block, as soon as the workers are close enough.
   *
   * @param clock how many steps the worker has completed
   * @param most how long to wait before {@code NOT_YET}
   */
  Answer pull(int epoch, int worker, int incarnation, long clock, int block, Duration most) {
    long endNanos = System.nanoTime() + most.toNanos();
    lock.lock();
    try {
      while (true) {
        String objection = objection(epoch, worker, incarnation, block);
        if (objection != null) {
          return Answer.refused(objection);
        }
        ShardedBlock wanted = blocks.get(block);
        if (isReady(wanted, clock)) {
          return Answer.values(wanted.updates, wanted.values.clone());
        }
        long remainingNanos = endNanos - System.nanoTime();
        if (remainingNanos <= 0) {
          return notYet(wanted);
        }
        try {
          changed.awaitNanos(remainingNanos);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return notYet(wanted);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isReady(ShardedBlock block, long clock) {
    return switch (settings.consistency().mode()) {
      case BSP -> block.updates >= clock;
      case SSP -> clocks.least() >= clock - settings.consistency().staleness();
      case ASYNC -> true;
    };
  }

  private Answer notYet(ShardedBlock block) {
    if (!bsp) {
      int slowest = clocks.slowest();
      return Answer.notYet(slowest, slowest < 0 ? 0 : clocks.of(slowest));
    }
    for (int worker = 0; worker < settings.workers(); worker++) {
      for (int node = firstNode[worker]; node < firstNode[worker + 1]; node++) {
        if (block.nodes[node] == null) {
          return Answer.notYet(worker, block.updates);
        }
      }
    }
    return Answer.notYet(-1, block.updates);
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
      return Answer.joined(bsp ? firstOpen() == null ? 0 : firstOpen().updates : clock);
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
    if (!bsp && images != null && images.isEmpty() && clocks.least() >= snapshotClock) {
      imageAll();
    }
    changed.signalAll();
  }

  private void imageAll() {
    snapshotClocks = clocks.copy();
    for (ShardedBlock block : blocks.values()) {
      images.put(block.number, block.image());
    }
  }

  /** The first clock that {@link #snapshotAt} can still take. */
  public long nextSnapshotClock() {
    lock.lock();
    try {
      return reached();
    } finally {
      lock.unlock();
    }
  }

  private long reached() {
    if (!bsp) {
      long least = clocks.least();
      return least == Long.MAX_VALUE ? 0 : least;
    }
    long most = 0;
    for (ShardedBlock block : blocks.values()) {
      most = Math.max(most, block.updates);
    }
    return most;
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
      return awaitSnapshot(clock, timeout, endNanos);
    } finally {
      lock.unlock();
    }
  }

  private void startSnapshot(long clock) {
    Checks.state(images == null, "One snapshot must end before the next: clock %d.", clock);
    Checks.state(
        !bsp || clock >= reached(),
        "A snapshot's clock must not be past: shard %d is at %d, got %d.",
        shard,
        reached(),
        clock);
    snapshotClock = clock;
    images = new TreeMap<>();
  }

  private ShardSnapshot awaitSnapshot(long clock, Duration timeout, long endNanos)
      throws TimeoutException, InterruptedException {
    try {
      if (bsp) {
        for (ShardedBlock block : blocks.values()) {
          if (block.updates == clock) {
            images.put(block.number, block.image());
          }
        }
      } else {
        clocksChanged();
      }
      while (images.size() < blocks.size()) {
        long remainingNanos = endNanos - System.nanoTime();
        if (remainingNanos <= 0) {
          throw new TimeoutException(
              "Shard %d must reach clock %d within %d ms: it is at %d."
                  .formatted(
                      shard, clock, TimeUnit.NANOSECONDS.toMillis(timeout.toNanos()), reached()));
        }
        changed.awaitNanos(remainingNanos);
      }
      long[] workers = snapshotClocks == null ? clocks.copy() : snapshotClocks;
      return new ShardSnapshot(plan.epoch(), clock, workers, List.copyOf(images.values()));
    } finally {
      images = null;
      snapshotClock = -1;
      snapshotClocks = null;
    }
  }

  /** Copies this shard's values into an array of the whole table. */
  public void copyValues(float[] table) {
    lock.lock();
    try {
      for (ShardedBlock block : blocks.values()) {
        System.arraycopy(block.values, 0, table, block.begin, block.values.length);
      }
    } finally {
      lock.unlock();
    }
  }
}
