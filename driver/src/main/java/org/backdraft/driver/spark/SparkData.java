package org.backdraft.driver.spark;

import java.io.IOException;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.data.BlockStore;
import org.backdraft.data.ChannelSums;
import org.backdraft.data.ClassSurvey;
import org.backdraft.data.spark.CachedBlocks;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.worker.BlockSource;

/** Record blocks that Spark's executors keep. */
final class SparkData implements Cluster.CachedData {
  private final JavaSparkContext sc;
  private final CachedBlocks blocks;
  private final boolean contextLivesOn;

  /** What travels to the workers. */
  private record Handle(CachedBlocks blocks) implements BlockSource {
    @Override
    public BlockStore open(long cacheBytes) {
      return blocks.open(cacheBytes);
    }
  }

  /**
   * @param contextLivesOn whether closing must drop the blocks: a context that stops drops them
   *     itself
   */
  SparkData(JavaSparkContext sc, CachedBlocks blocks, boolean contextLivesOn) {
    this.sc = sc;
    this.blocks = blocks;
    this.contextLivesOn = contextLivesOn;
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
  public ClassSurvey survey(int classes, int[] ids) throws IOException {
    return blocks.survey(sc, classes, ids);
  }

  @Override
  public void close() {
    if (contextLivesOn) {
      blocks.unpersist(sc);
    }
  }
}
