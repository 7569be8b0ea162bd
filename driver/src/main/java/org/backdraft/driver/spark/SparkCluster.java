package org.backdraft.driver.spark;

import java.io.IOException;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.data.BadExample;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.DataSource;
import org.backdraft.data.spark.CachedBlocks;
import org.backdraft.data.spark.ExampleCheck;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.spark.bridge.Executors;
import org.backdraft.driver.worker.WorkerTask;

/** A Spark application as the cluster of one run. */
final class SparkCluster implements Cluster {
  private final JavaSparkContext sc;
  private final SparkPlacement placement;
  private final boolean contextIsGiven;

  /**
   * @param contextIsGiven whether the context is the caller's to stop
   */
  SparkCluster(JavaSparkContext sc, SparkPlacement placement, boolean contextIsGiven) {
    this.sc = sc;
    this.placement = placement;
    this.contextIsGiven = contextIsGiven;
  }

  @Override
  public Placement placement() {
    return placement.placement();
  }

  @Override
  public Encryption encryption() {
    SparkConf conf = sc.getConf();
    return SparkEncryption.of(
        key -> conf.get(key, "false"), MasterUrl.of(sc.master(), 1).isLocal());
  }

  @Override
  public List<BadExample> badExamples(DataSource source) throws IOException {
    return ExampleCheck.find(sc, source);
  }

  @Override
  public CachedData cache(DataSource source, BlockPlan plan) throws IOException {
    return new SparkData(sc, CachedBlocks.cache(sc, source, plan), contextIsGiven);
  }

  @Override
  public void replace(String executorId) {
    if (!MasterUrl.of(sc.master(), 1).isLocal()) {
      placement.giveUp(executorId);
      // It asks the cluster manager, and waits for its answer.
      new NamedThreadFactory("replacement")
          .newThread(() -> Executors.replace(sc, executorId))
          .start();
    }
  }

  @Override
  public void awaitWorkers() throws InterruptedException {
    placement.awaitAgain(sc);
  }

  @Override
  public Gang start(WorkerTask task) {
    return SparkGang.start(
        sc, group(task), task.gang().worldSize(), placement.taskCpus(), new GangBody(task));
  }

  @Override
  public Gang startEach(WorkerTask.Leased task) {
    if (sc.getConf().getBoolean("spark.speculation", false)) {
      throw new ConfigurationException(
          "spark.speculation must be false with sync.consistency="
              + task.train().sync().consistency()
              + ": a copy of a slow task would shut it out. Set --conf spark.speculation=false.");
    }
    return SparkGang.startEach(
        sc, group(task), task.gang().worldSize(), placement.taskCpus(), new LeasedBody(task));
  }

  private static String group(WorkerTask task) {
    Credentials credentials = task.gang().credentials();
    return "backdraft-%016x-%d".formatted(credentials.runId(), credentials.attempt());
  }

  @Override
  public void close() {
    if (!contextIsGiven) {
      SparkStop.stop(sc);
    }
  }
}
