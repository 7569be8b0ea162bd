package org.backdraft.ps;

/**
 * When a shard applies what is pushed, and when it answers what is pulled. Guarded by the shard's
 * lock.
 */
interface UpdateRule {
  /**
   * Takes a push of a whole block that is in order: at most once by its name. It has an effect
   * where {@link ShardedBlock#updates} has grown.
   */
  Answer push(Push push, ShardedBlock block);

  /** Whether a worker that has completed {@code clock} steps may have the block's values. */
  boolean isReady(ShardedBlock block, long clock);

  /** Who is waited for where it may not. */
  Answer notYet(ShardedBlock block);

  /** Whether the block has what it contributes to that round of the step {@code clock}. */
  boolean isMeasured(ShardedBlock block, long clock, int round);

  /**
   * Takes what a round made known of the whole table; a second time does nothing.
   *
   * @param clock the step
   */
  Answer settle(long clock, int round, double[] known);

  /** Whether the block now is what a snapshot at that clock must hold. */
  boolean isAt(ShardedBlock block, long clock);

  /** The first clock that a snapshot can still take. */
  long reached();

  /** Whether a snapshot can still take that clock. */
  boolean isOpen(long clock);

  /**
   * The clock that a worker goes on at.
   *
   * @param clock the worker's own
   */
  long resumesAt(int worker, long clock);

  /** How many pushes came again after they had been accepted. */
  long duplicates();

  /** The most bytes of pushes that ever waited at once. */
  long mostPendingBytes();
}
