package org.backdraft.jobs;

import org.backdraft.driver.TrainingConfig;
import org.backdraft.driver.TrainingConfig.Optimization;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.OptimizerSettings;

/** The optimiser of a configuration; that of the built-in one where none is given. */
final class DefaultOptimizer {
  private DefaultOptimizer() {}

  static Optimizer create() {
    return of(TrainingConfig.defaults().optimizer());
  }

  /**
   * Another one, with the built-in settings.
   *
   * @throws org.backdraft.driver.ConfigurationException if no optimiser has that name
   */
  static Optimizer named(String name) {
    Optimization built = TrainingConfig.defaults().optimizer();
    return of(
        new Optimization(
            name,
            built.learningRate(),
            built.momentum(),
            built.nesterov(),
            built.weightDecay(),
            built.beta1(),
            built.beta2(),
            built.epsilon()));
  }

  static Optimizer of(Optimization settings) {
    return new OptimizerSettings(
            settings.momentum(),
            settings.nesterov(),
            settings.weightDecay(),
            settings.beta1(),
            settings.beta2(),
            settings.epsilon())
        .create(settings.name());
  }
}
