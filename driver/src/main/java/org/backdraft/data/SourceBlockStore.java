package org.backdraft.data;

import java.io.IOException;

/**
 * Reads blocks from the source itself and keeps the last ones: a block store without Spark, for one
 * process.
 */
public final class SourceBlockStore implements BlockStore {
  private final DataSource source;
  private final BlockPlan plan;
  private final LruBlocks atHand;

  /**
   * @param cacheBytes the most bytes of blocks kept at hand
   */
  public SourceBlockStore(DataSource source, BlockPlan plan, long cacheBytes) {
    this.source = source;
    this.plan = plan;
    atHand = new LruBlocks(cacheBytes);
  }

  @Override
  public RecordBlock block(int index) throws IOException {
    RecordBlock block = atHand.get(index);
    if (block == null) {
      block = read(source, plan, index);
      atHand.put(index, block);
    }
    return block;
  }

  /** Reads one block from its source; a source that is not seekable reads all before it too. */
  public static RecordBlock read(DataSource source, BlockPlan plan, int index) throws IOException {
    try (BlockReader reader =
        source.read(plan.begin(index), plan.end(index), plan.examplesPerBlock())) {
      RecordBlock block = reader.next();
      if (block == null || block.firstExample() != plan.begin(index)) {
        throw new DataException(
            "%s gave no block %d: it must begin with example %d."
                .formatted(source.uri(), index, plan.begin(index)));
      }
      return block;
    }
  }

  @Override
  public void close() {
    atHand.clear();
  }
}
