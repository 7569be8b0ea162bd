package org.backdraft.ps;

/**
 * What a shard does with the sum of gradients: a rule over ranges of elements, without state of its
 * own. Called by one thread of a shard at a time.
 */
@FunctionalInterface
public interface BlockOptimizer {
  /** How many state arrays the rule needs; each holds 0 before the first update. */
  default int stateSlots() {
    return 0;
  }

  /**
   * One update of {@code [begin, end)} of a block.
   *
   * @param block parameters, sums and state: all arrays have the block's elements at the same
   *     places
   * @param begin the first element, counted from the block's begin
   * @param totals what was pushed with the gradients and summed alike: denominators, for example
   * @param update 1 for the first update of this block
   */
  void update(Block block, int begin, int end, float[] totals, long update);

  /**
   * The arrays of a block.
   *
   * @param tableBegin where in the table the block begins
   * @param values parameters, written
   * @param sums gradient sums, may be overwritten
   * @param state {@link #stateSlots} arrays, written
   */
  record Block(int tableBegin, float[] values, float[] sums, float[][] state) {}
}
