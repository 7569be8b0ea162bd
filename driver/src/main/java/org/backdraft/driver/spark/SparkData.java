package org.backdraft.driver.spark;

import java.io.IOException;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.data.BlockStore;
import org.backdraft.data.ChannelSums;
import org.backdraft.data.spark.CachedBlocks;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.worker.BlockSource;

/** Record blocks that Spark's executors keep. */
final class SparkData implements Cluster.CachedData {
  private final JavaSparkContext sc;
  private final CachedBlocks blocks;

  /** What travels to the workers. */
  private record Handle(CachedBlocks blocks) implements BlockSource {
    @Override
    public BlockStore open(long cacheBytes) {
      return blocks.open(cacheBytes);
    }
  }

  SparkData(JavaSparkContext sc, CachedBlocks blocks) {
    this.sc = sc;
    this.blocks = blocks;
  }

  @Override
  public BlockSource blocks() {
    return new Handle(blocks);
  }

  @Override
  public ChannelSums channelSums() throws IOException {
    return blocks.channelSums(sc);
  }

  @Override
  public void close() {
    blocks.unpersist(sc);
  }
}
