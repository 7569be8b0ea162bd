package org.backdraft.driver;

import org.backdraft.driver.config.BadRecordsConfig;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.config.LeaseConfig;
import org.backdraft.driver.config.LimitConfig;
import org.backdraft.driver.config.MixConfig;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.config.TrainingConfig;

/** Configurations of small runs. */
public final class TestConfigs {
  private TestConfigs() {}

  /**
   * 203 examples in batches of 32, so that the last batch of an epoch is short and has leaves of
   * unequal size.
   */
  public static TrainingConfig small(int workers, int threads) {
    return small(workers, threads, 3, 0.05f);
  }

  public static TrainingConfig small(int workers, int threads, int epochs, float learningRate) {
    return Configs.with(
        TrainingConfig.defaults(),
        "model",
        "test",
        "data",
        new DataConfig(
            "patterned:203",
            "",
            0,
            32,
            true,
            "unit",
            "",
            "",
            1000,
            1 << 20,
            BadRecordsConfig.defaults(),
            MixConfig.defaults(),
            LimitConfig.defaults()),
        "optimizer.lr",
        learningRate,
        "train.epochs",
        epochs,
        "train.leaves",
        8,
        "train.workers",
        workers,
        "train.threads",
        threads,
        "train.seed",
        7,
        "train.restarts",
        0);
  }

  /** The same with another section {@code sync}. */
  public static TrainingConfig with(TrainingConfig c, SyncConfig sync) {
    return Configs.with(c, "sync", sync);
  }

  /** The same run, saved and started again. */
  public static TrainingConfig recovering(TrainingConfig c, String every, int restarts) {
    return Configs.with(c, "checkpoint.every", every, "train.restarts", restarts);
  }

  /** The same run, each worker's part of a batch computed in pieces. */
  public static TrainingConfig accumulating(TrainingConfig c, int accumulate) {
    return Configs.with(c, "train.accumulate", accumulate);
  }

  /** The same run, with batch normalization over the global batch. */
  public static TrainingConfig synced(TrainingConfig c) {
    return Configs.with(c, "batchnorm.sync", true);
  }

  /** The same run, with gradients sent in buckets of so many bytes. */
  public static TrainingConfig withBuckets(TrainingConfig c, int bucketBytes) {
    return Configs.with(c, "sync.bucket-bytes", bucketBytes);
  }

  /** The same data by compressed gradients, or by replicas that are averaged. */
  public static TrainingConfig agreeing(
      TrainingConfig c, String compression, int averageEvery, boolean averageOptimizer) {
    return with(
        c,
        SyncConfigs.sync(
            "compression",
            compression,
            "average-every",
            averageEvery,
            "average-optimizer",
            averageOptimizer));
  }

  /** The same on other data: {@code patterned:EXAMPLES} or {@code digits:}. */
  public static TrainingConfig on(String uri, TrainingConfig c) {
    return Configs.with(c, "data.train", uri);
  }

  /** The same with workers that take leases, and the shards in the driver. */
  public static TrainingConfig leased(TrainingConfig c, String consistency) {
    return leased(c, consistency, LeaseConfig.defaults());
  }

  public static TrainingConfig leased(TrainingConfig c, String consistency, LeaseConfig leases) {
    return leased(c, consistency, "driver", leases);
  }

  /** The same with shards anywhere. */
  public static TrainingConfig leased(
      TrainingConfig c, String consistency, String placement, LeaseConfig leases) {
    return with(
        c,
        SyncConfigs.sync(
            "strategy",
            "parameter-server",
            "consistency",
            consistency,
            "placement",
            placement,
            "shards",
            c.train().workers() > 1 ? 2 : 1,
            "timeout-seconds",
            3,
            "step-timeout-seconds",
            20,
            "leases",
            leases));
  }

  /** The same with a parameter server of {@code bsp}. */
  public static TrainingConfig withParameterServer(TrainingConfig c, String placement, int shards) {
    return with(
        c,
        SyncConfigs.sync(
            "strategy",
            "parameter-server",
            "placement",
            placement,
            "shards",
            shards,
            "step-timeout-seconds",
            20));
  }
}
