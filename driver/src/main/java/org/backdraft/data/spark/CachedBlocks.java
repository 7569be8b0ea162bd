package org.backdraft.data.spark;

import java.io.IOException;
import java.io.Serializable;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.BlockStore;
import org.backdraft.data.ChannelSums;
import org.backdraft.data.DataSource;

/** The record blocks of a source, kept by the executors. */
public final class CachedBlocks implements Serializable {
  private static final long serialVersionUID = 1L;

  private CachedBlocks() {}

  /** Reads the source once, by one Spark job. */
  public static CachedBlocks cache(JavaSparkContext sc, DataSource source, BlockPlan plan)
      throws IOException {
    throw new UnsupportedOperationException("in work");
  }

  /** On an executor or in local mode. */
  public BlockStore open(long cacheBytes) {
    throw new UnsupportedOperationException("in work");
  }

  /** On the driver: reads again what a lost executor held; cheap when nothing is missing. */
  public void refill(JavaSparkContext sc) throws IOException {
    throw new UnsupportedOperationException("in work");
  }

  /** On the driver: exact sums over all examples, for {@code data.normalize=standard}. */
  public ChannelSums channelSums(JavaSparkContext sc) throws IOException {
    throw new UnsupportedOperationException("in work");
  }

  /** Lets the executors drop the blocks. */
  public void unpersist(JavaSparkContext sc) {
    throw new UnsupportedOperationException("in work");
  }
}
