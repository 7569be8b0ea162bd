package org.backdraft.ps;

import java.util.List;

/**
 * A shard at one clock: enough to go on from there, on as many shards as one likes.
 *
 * <p>With {@code bsp} it is the state after step {@code clock − 1} and before step {@code clock},
 * bit for bit. Otherwise it holds every push of clocks below {@code clock}, and those of faster
 * workers that had come, with the names of them: what is pushed again after a restore counts once.
 *
 * @param epoch the table's
 * @param clock the same for all shards of a snapshot
 * @param clocks by worker: the steps it had completed
 * @param blocks those that the shard owns
 */
public record ShardSnapshot(int epoch, long clock, long[] clocks, List<BlockImage> blocks) {
  /**
   * A copy of a block.
   *
   * @param block its number
   * @param updates how many it has had
   * @param values its parameters
   * @param state of the optimizer
   * @param lastClocks by worker: the clock of the last push that was applied, −1 for none
   * @param lastSequences by worker: the sequence of that push
   */
  public record BlockImage(
      int block,
      long updates,
      float[] values,
      float[][] state,
      long[] lastClocks,
      int[] lastSequences) {}

  /** The number of elements of all blocks, without state. */
  public long elements() {
    return blocks.stream().mapToLong(image -> image.values().length).sum();
  }
}
