package org.backdraft.ps;

import java.util.List;

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
   * How many rounds come between the sums of a step and its update, each of which makes a few
   * numbers of the whole table known: norms, for example. With {@code bsp} alone.
   */
  default int rounds() {
    return 0;
  }

  /**
   * What a block contributes to a round; called once for each, the rounds in order.
   *
   * @param round in [0, {@link #rounds})
   * @param totals as with {@link #update}
   * @param update as with {@link #update}
   */
  default double[] measure(int round, Block block, float[] totals, long update) {
    throw new UnsupportedOperationException("This rule has no rounds.");
  }

  /**
   * What a round makes known, from what all blocks contributed.
   *
   * @param measures of block 0, 1, … one after the other
   */
  default double[] combine(int round, double[] measures) {
    throw new UnsupportedOperationException("This rule has no rounds.");
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
   * @param known by round, what those that are over have made known
   */
  record Block(
      int tableBegin, float[] values, float[] sums, float[][] state, List<double[]> known) {
    /** A block of a rule without rounds. */
    public Block(int tableBegin, float[] values, float[] sums, float[][] state) {
      this(tableBegin, values, sums, state, List.of());
    }
  }
}
