package org.backdraft.data.spark;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.BlockStore;
import org.backdraft.data.DataSource;
import org.backdraft.data.LruBlocks;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.SourceBlockStore;
import org.backdraft.driver.spark.bridge.SparkBlocks;
import org.backdraft.driver.spark.bridge.SparkBlocks.Found;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's view of cached blocks: its own last ones, else Spark's block manager here or on
 * another executor, else the source.
 */
final class SparkBlockStore implements BlockStore {
  private static final Logger LOG = LoggerFactory.getLogger(SparkBlockStore.class);

  private final int rddId;
  private final DataSource source;
  private final BlockPlan plan;
  private final LruBlocks atHand;
  private final AtomicInteger local = new AtomicInteger();
  private final AtomicInteger remote = new AtomicInteger();
  private final AtomicInteger reread = new AtomicInteger();

  SparkBlockStore(int rddId, DataSource source, BlockPlan plan, long cacheBytes) {
    this.rddId = rddId;
    this.source = source;
    this.plan = plan;
    atHand = new LruBlocks(cacheBytes);
  }

  @Override
  public RecordBlock block(int index) throws IOException {
    RecordBlock block = atHand.get(index);
    if (block != null) {
      return block;
    }
    block = fetch(index);
    atHand.put(index, block);
    return block;
  }

  private RecordBlock fetch(int index) throws IOException {
    String reason;
    try {
      Optional<Found<RecordBlock>> found = SparkBlocks.single(rddId, index, RecordBlock.class);
      if (found.isPresent()) {
        (found.get().fromPeer() ? remote : local).incrementAndGet();
        return found.get().value();
      }
      reason = "no executor holds it";
    } catch (Exception e) {
      if (e instanceof InterruptedException || Thread.currentThread().isInterrupted()) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("Interrupted while fetching block " + index);
      }
      // Spark reports a holder that went away by exceptions of several kinds, some of them checked
      // and undeclared; the source is still there.
      reason = "fetching it failed: " + e;
    }
    int count = reread.incrementAndGet();
    LOG.warn(
        "Reading block {} of {} again from {}: {} (the {}. such block of this worker).",
        index,
        plan.blocks(),
        source.uri(),
        reason,
        count);
    try {
      return SourceBlockStore.read(source, plan, index);
    } catch (IOException e) {
      throw SourceReader.onHost(e);
    }
  }

  /** Blocks taken from this JVM's block manager. */
  int localBlocks() {
    return local.get();
  }

  /** Blocks fetched from other executors. */
  int remoteBlocks() {
    return remote.get();
  }

  /** Blocks that had to be read again from the source. */
  int rereadBlocks() {
    return reread.get();
  }

  @Override
  public void close() {
    atHand.clear();
  }
}
