package org.backdraft.driver;

/** Configurations of small runs. */
final class TestConfigs {
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
        new TrainingConfig.Train(epochs, 0, 8, workers, threads, 7, 0, 0, 0),
        d.sync());
  }

  /** The same data by compressed gradients, or by replicas that are averaged. */
  static TrainingConfig agreeing(
      TrainingConfig c, String compression, int averageEvery, boolean averageOptimizer) {
    return new TrainingConfig(
        c.model(),
        c.init(),
        c.loss(),
        c.data(),
        c.optimizer(),
        c.schedule(),
        c.train(),
        new SyncConfig("allreduce", 10, 60, compression, averageEvery, averageOptimizer));
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
        c.sync());
  }

  /** An optimiser with the defaults of sgd but for these. */
  static TrainingConfig.Optimization optimizer(String name, float learningRate, float momentum) {
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
}
