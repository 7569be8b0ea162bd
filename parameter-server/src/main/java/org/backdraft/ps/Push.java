package org.backdraft.ps;

/**
 * Gradient sums of one worker for one block.
 *
 * <p>(worker, clock, block, sequence) names a push: the same name twice counts once. With {@code
 * bsp} the sequence is the number of the node among the worker's {@link
 * org.backdraft.leaf.LeafRange#subtrees}; otherwise it grows within a clock, and a push is sent
 * when the one before it of the same block has been accepted.
 *
 * @param epoch the table's
 * @param worker in [0, workers)
 * @param incarnation which start of the worker this is, from 0
 * @param clock the step that the gradients are of
 * @param block the number of the block
 * @param sequence at least 0
 * @param rows which of the block's {@link BlockRows} follow, ascending, what is in no row first;
 *     null where the whole block does
 * @param values the sums; owned by the receiver
 * @param totals summed alike and given to the optimizer; owned by the receiver
 */
record Push(
    int epoch,
    int worker,
    int incarnation,
    long clock,
    int block,
    int sequence,
    int[] rows,
    float[] values,
    float[] totals) {
  /**
   * Why a shard must refuse it, null if it need not.
   *
   * @param blockRows of the block
   * @param length elements of the block
   */
  String objection(ShardSettings settings, BlockRows blockRows, int length) {
    if (totals.length != settings.totals()) {
      return "A push must have %d totals: got %d.".formatted(settings.totals(), totals.length);
    }
    if (rows == null) {
      return values.length == length
          ? null
          : "A push of block %d must have %d elements: got %d."
              .formatted(block, length, values.length);
    }
    return blockRows.objection(block, rows, values.length);
  }

  /** The same push of the whole block. */
  Push whole(BlockRows blockRows) {
    return rows == null
        ? this
        : new Push(
            epoch,
            worker,
            incarnation,
            clock,
            block,
            sequence,
            null,
            blockRows.scatter(values, rows),
            totals);
  }
}
