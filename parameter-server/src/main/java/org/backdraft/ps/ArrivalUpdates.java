package org.backdraft.ps;

import org.backdraft.tensor.Checks;

/**
 * {@code ssp:s} and {@code async}: a push is applied when it comes. A pull for clock c waits, with
 * {@code ssp}, until every worker has completed c − s steps.
 */
final class ArrivalUpdates implements UpdateRule {
  private final Consistency consistency;
  private final WorkerClocks clocks;
  private final ShardBlocks blocks;
  private final BlockOptimizer optimizer;
  private long duplicates;

  ArrivalUpdates(
      Consistency consistency, WorkerClocks clocks, ShardBlocks blocks, BlockOptimizer optimizer) {
    Checks.argument(
        optimizer.rounds() == 0,
        "An optimizer must know all of a step's sums before it updates with bsp alone: got %s.",
        consistency);
    this.consistency = consistency;
    this.clocks = clocks;
    this.blocks = blocks;
    this.optimizer = optimizer;
  }

  @Override
  public Answer push(Push push, ShardedBlock block) {
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
    BlockOptimizer.Block arrays =
        new BlockOptimizer.Block(block.begin, block.values, push.values(), block.state);
    optimizer.update(arrays, 0, block.values.length, push.totals(), block.updates);
    return Answer.ACCEPTED;
  }

  @Override
  public boolean isReady(ShardedBlock block, long clock) {
    return consistency.mode() == Consistency.Mode.ASYNC
        || clocks.least() >= clock - consistency.staleness();
  }

  @Override
  public Answer notYet(ShardedBlock block) {
    int slowest = clocks.slowest();
    return Answer.notYet(slowest, slowest < 0 ? 0 : clocks.of(slowest));
  }

  @Override
  public boolean isMeasured(ShardedBlock block, long clock, int round) {
    return false;
  }

  @Override
  public Answer settle(long clock, int round, double[] known) {
    return Answer.refused("There are no rounds with %s.".formatted(consistency));
  }

  @Override
  public boolean isAt(ShardedBlock block, long clock) {
    return clocks.least() >= clock;
  }

  @Override
  public long reached() {
    long least = clocks.least();
    return least == Long.MAX_VALUE ? 0 : least;
  }

  /** A clock that all have passed is taken at once: it then holds more. */
  @Override
  public boolean isOpen(long clock) {
    return true;
  }

  /**
   * Behind every push that a start of the worker has named, since what a new one pushes is another
   * gradient.
   */
  @Override
  public long resumesAt(int worker, long clock) {
    long resumed = clock;
    for (ShardedBlock block : blocks.all()) {
      resumed = Math.max(resumed, block.lastClocks[worker] + 1);
    }
    return resumed;
  }

  @Override
  public long duplicates() {
    return duplicates;
  }

  /** Nothing waits. */
  @Override
  public long mostPendingBytes() {
    return 0;
  }
}
