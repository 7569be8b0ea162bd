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
        new TrainingConfig.Optimization("sgd", learningRate, 0.9f, false, 0, 0.9f, 0.999f, 1e-8f),
        d.schedule(),
        new TrainingConfig.Train(epochs, 0, 8, workers, threads, 7, 0),
        d.sync());
  }
}
