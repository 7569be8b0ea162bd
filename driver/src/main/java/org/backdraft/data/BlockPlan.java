package org.backdraft.data;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * How the examples of a source are cut into numbered record blocks: block b holds examples {@code
 * [b · examplesPerBlock, (b + 1) · examplesPerBlock)}, the last one what is left.
 *
 * <p>The cut decides where data lies, never which example is which: ids are positions in the
 * source.
 *
 * @param examples of the source, at least 1
 * @param examplesPerBlock at least 1
 */
public record BlockPlan(int examples, int examplesPerBlock) implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * The most bytes that a block may hold: far below what one Java array and one Spark block can.
   */
  public static final long MAX_BLOCK_BYTES = 1L << 30;

  public BlockPlan {
    Checks.argument(
        examples >= 1 && examplesPerBlock >= 1,
        "A block plan needs at least one example and one example a block: got %d and %d.",
        examples,
        examplesPerBlock);
  }

  /**
   * The plan whose blocks hold about {@code blockBytes} encoded bytes, and at least one example.
   *
   * @throws IllegalArgumentException unless {@code blockBytes} lies in [1, {@link
   *     #MAX_BLOCK_BYTES}]
   */
  public static BlockPlan of(DataSource source, long blockBytes) {
    Checks.argument(
        blockBytes >= 1 && blockBytes <= MAX_BLOCK_BYTES,
        "data.block-bytes must lie in [1, %d]: got %d.",
        MAX_BLOCK_BYTES,
        blockBytes);
    long perBlock = Math.max(1, blockBytes / Math.max(1, source.bytesPerExample()));
    return new BlockPlan(source.examples(), (int) Math.min(perBlock, source.examples()));
  }

  /** The number of blocks. */
  public int blocks() {
    return (int) (((long) examples + examplesPerBlock - 1) / examplesPerBlock);
  }

  /** The block that holds an example; the id lies in [0, examples). */
  public int blockOf(long exampleId) {
    return (int) (exampleId / examplesPerBlock);
  }

  /** The first example of a block in [0, blocks). */
  public int begin(int block) {
    return (int) Math.min(examples, (long) block * examplesPerBlock);
  }

  /** One past the last example of a block in [0, blocks). */
  public int end(int block) {
    return (int) Math.min(examples, (block + 1L) * examplesPerBlock);
  }
}
