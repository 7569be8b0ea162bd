package org.backdraft.data.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.BlockStore;
import org.backdraft.data.ChannelSums;
import org.backdraft.data.ClassSurvey;
import org.backdraft.data.DataException;
import org.backdraft.data.DataSource;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.RecordFormat;
import org.backdraft.driver.spark.bridge.PlacedRdd;
import org.backdraft.driver.spark.bridge.SparkBlocks;
import org.backdraft.tensor.Checks;

/**
 * The record blocks of a source, read once and kept by the executors: each block is one partition
 * of an RDD that Spark's block manager holds in memory, else on local disk, spread evenly over the
 * executors.
 *
 * <p>Made on the driver; a value that travels to the workers, which {@link #open} it. The driver
 * calls {@link #refill} before a new attempt, and {@link #unpersist} at the end.
 */
public final class CachedBlocks implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int rddId;
  private final DataSource source;
  private final BlockPlan plan;

  /** Held by the driver alone: Spark forgets an RDD's blocks when the RDD is collected. */
  private final transient JavaRDD<RecordBlock> rdd;

  private CachedBlocks(JavaRDD<RecordBlock> rdd, DataSource source, BlockPlan plan) {
    this.rddId = rdd.id();
    this.rdd = rdd;
    this.source = source;
    this.plan = plan;
  }

  /**
   * Reads the source once, by one Spark job. A seekable source is read by one task for each block;
   * any other by one task, front to back, whose blocks a shuffle spreads.
   *
   * @throws DataException if the data is not what it should be, or a worker cannot read it; the
   *     message names the host
   */
  public static CachedBlocks cache(JavaSparkContext sc, DataSource source, BlockPlan plan)
      throws IOException {
    Checks.argument(
        plan.examples() == source.examples(),
        "The plan of blocks is for %d examples: the source %s has %d.",
        plan.examples(),
        source.uri(),
        source.examples());
    List<String> places = SparkBlocks.executorPlaces();
    JavaRDD<RecordBlock> blocks;
    if (source.seekable()) {
      blocks =
          PlacedRdd.reading(
              sc,
              RecordBlock.class,
              plan.blocks(),
              places,
              new SourceReader(source, plan, /* whole= */ false));
    } else {
      JavaRDD<RecordBlock> whole =
          PlacedRdd.reading(
              sc, RecordBlock.class, 1, places, new SourceReader(source, plan, /* whole= */ true));
      blocks =
          PlacedRdd.over(
              whole
                  .keyBy(block -> plan.blockOf(block.firstExample()))
                  .partitionBy(new BlockPartitioner(plan.blocks()))
                  .values(),
              places);
    }
    blocks.setName("record blocks of " + source.uri());
    blocks.persist(StorageLevel.MEMORY_AND_DISK());
    CachedBlocks cached = new CachedBlocks(blocks, source, plan);
    try {
      cached.fill(sc, "Read " + source.uri());
    } catch (IOException | RuntimeException e) {
      blocks.unpersist(false);
      throw e;
    }
    return cached;
  }

  /** The source that the blocks come from. */
  public DataSource source() {
    return source;
  }

  /** How the source is cut into these blocks. */
  public BlockPlan plan() {
    return plan;
  }

  /**
   * A worker's view of the blocks; on an executor, or on the driver in local mode.
   *
   * @param cacheBytes the most bytes of blocks that it keeps at hand itself
   */
  public BlockStore open(long cacheBytes) {
    return new SparkBlockStore(rddId, source, plan, cacheBytes);
  }

  /**
   * On the driver: reads again the blocks that a lost executor held, spread over those that are
   * left; cheap when nothing is missing.
   */
  public void refill(JavaSparkContext sc) throws IOException {
    for (Optional<String> holder : holders()) {
      if (holder.isEmpty()) {
        fill(sc, "Read lost blocks of " + source.uri());
        return;
      }
    }
  }

  /** On the driver: the id of the executor that holds each block, empty where none does. */
  public List<Optional<String>> holders() {
    return SparkBlocks.holders(rddId, plan.blocks());
  }

  /** On the driver: exact sums over all examples, for {@code data.normalize=standard}. */
  public ChannelSums channelSums(JavaSparkContext sc) throws IOException {
    RecordFormat format = source.format();
    return SparkJob.run(
        sc,
        "Mean and variance of " + source.uri(),
        () -> driverRdd().map(format::sums).reduce(ChannelSums::plus));
  }

  /**
   * On the driver: how often each class is, and the records of some examples.
   *
   * @param ids in rising order
   */
  public ClassSurvey survey(JavaSparkContext sc, int classes, int[] ids) throws IOException {
    return SparkJob.run(
        sc,
        "Classes of " + source.uri(),
        () ->
            driverRdd()
                .map(block -> ClassSurvey.of(block, classes, ids))
                .reduce(ClassSurvey::plus));
  }

  /** On the driver: lets the executors drop the blocks. */
  public void unpersist(JavaSparkContext sc) {
    driverRdd().unpersist(false);
  }

  /** Spark's number of the RDD whose partitions the blocks are. */
  int rddId() {
    return rddId;
  }

  private void fill(JavaSparkContext sc, String description) throws IOException {
    long blocks = SparkJob.run(sc, description, () -> driverRdd().count());
    if (blocks != plan.blocks()) {
      throw new DataException(
          "%s must give %d blocks: got %d.".formatted(source.uri(), plan.blocks(), blocks));
    }
  }

  private JavaRDD<RecordBlock> driverRdd() {
    Checks.state(rdd != null, "Only the driver can do that: this copy travelled to a worker.");
    return rdd;
  }
}
