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
 * @param rows of a sparse table: which rows of the block follow, counted from its begin, ascending;
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
    float[] totals) {}
