package org.backdraft.driver;

/** Configurations of small runs. */
public final class TestConfigs {
  private TestConfigs() {}

  /**
   * 203 examples in batches of 32, so that the last batch of an epoch is short and has leaves of
   * unequal size.
   */
  static TrainingConfig small(int workers, int threads) {
    return small(workers, threads, 3, 0.05f);
  }

  static TrainingConfig small(int workers, int threads, int epochs, float learningRate) {
    TrainingConfig d = TrainingConfig.defaults();
    return new TrainingConfig(
        "test",
        d.init(),
        d.loss(),
        new TrainingConfig.Data("patterned:203", "", 0, 32, true, "unit", 1000, 1 << 20),
        optimizer("sgd", learningRate, 0.9f),
        d.schedule(),
        new TrainingConfig.Train(epochs, 0, 8, 1, workers, threads, 7, 0, 0, 0, 0),
        d.batchnorm(),
        d.sync(),
        d.checkpoint());
  }

  /** The same with another section {@code sync}. */
  static TrainingConfig with(TrainingConfig c, SyncConfig sync) {
    return new TrainingConfig(
        c.model(),
        c.init(),
        c.loss(),
        c.data(),
        c.optimizer(),
        c.schedule(),
        c.train(),
        c.batchnorm(),
        sync,
        c.checkpoint());
  }

  /** The same run, saved and started again. */
  static TrainingConfig recovering(TrainingConfig c, String every, int restarts) {
    TrainingConfig.Train t = c.train();
    return new TrainingConfig(
        c.model(),
        c.init(),
        c.loss(),
        c.data(),
        c.optimizer(),
        c.schedule(),
        new TrainingConfig.Train(
            t.epochs(),
            t.steps(),
            t.leaves(),
            t.accumulate(),
            t.workers(),
            t.threads(),
            t.seed(),
            t.target(),
            t.clip(),
            t.clipValue(),
            restarts),
        c.batchnorm(),
        c.sync(),
        new CheckpointConfig(every, 3));
  }

  /** The same run, each worker's part of a batch computed in pieces. */
  static TrainingConfig accumulating(TrainingConfig c, int accumulate) {
    TrainingConfig.Train t = c.train();
    return TrainingJobTest.withTrain(
        c,
        new TrainingConfig.Train(
            t.epochs(),
            t.steps(),
            t.leaves(),
            accumulate,
            t.workers(),
            t.threads(),
            t.seed(),
            t.target(),
            t.clip(),
            t.clipValue(),
            0));
  }

  /** The same run, with batch normalization over the global batch. */
  static TrainingConfig synced(TrainingConfig c) {
    return new TrainingConfig(
        c.model(),
        c.init(),
        c.loss(),
        c.data(),
        c.optimizer(),
        c.schedule(),
        c.train(),
        new TrainingConfig.BatchNormalization(true),
        c.sync(),
        c.checkpoint());
  }

  /** The same run, with gradients sent in buckets of so many bytes. */
  static TrainingConfig withBuckets(TrainingConfig c, int bucketBytes) {
    return with(c, SyncConfigs.with(c.sync(), "bucket-bytes", bucketBytes));
  }

  /** The same data by compressed gradients, or by replicas that are averaged. */
  static TrainingConfig agreeing(
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
  static TrainingConfig on(String uri, TrainingConfig c) {
    TrainingConfig.Data d = c.data();
    return new TrainingConfig(
        c.model(),
        c.init(),
        c.loss(),
        new TrainingConfig.Data(
            uri,
            d.val(),
            d.validation(),
            d.batch(),
            d.shuffle(),
            d.normalize(),
            d.blockBytes(),
            d.cacheBytes()),
        c.optimizer(),
        c.schedule(),
        c.train(),
        c.batchnorm(),
        c.sync(),
        c.checkpoint());
  }

  /** An optimiser with the defaults of sgd but for these. */
  public static TrainingConfig.Optimization optimizer(
      String name, float learningRate, float momentum) {
    TrainingConfig.Optimization d = TrainingConfig.Optimization.defaults("sgd");
    return new TrainingConfig.Optimization(
        name,
        learningRate,
        momentum,
        d.nesterov(),
        d.weightDecay(),
        d.beta1(),
        d.beta2(),
        d.epsilon(),
        d.alpha(),
        d.centered(),
        d.lrDecay(),
        d.initialAccumulator(),
        d.etaMinus(),
        d.etaPlus(),
        d.stepMin(),
        d.stepMax(),
        d.trust());
  }

  /** The same with workers that take leases, and the shards in the driver. */
  static TrainingConfig leased(TrainingConfig c, String consistency) {
    return leased(c, consistency, LeaseConfig.defaults());
  }

  static TrainingConfig leased(TrainingConfig c, String consistency, LeaseConfig leases) {
    return leased(c, consistency, "driver", leases);
  }

  /** The same with shards anywhere. */
  static TrainingConfig leased(
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
  static TrainingConfig withParameterServer(TrainingConfig c, String placement, int shards) {
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
