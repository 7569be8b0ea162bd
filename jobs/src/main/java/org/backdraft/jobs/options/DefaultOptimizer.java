package org.backdraft.jobs.options;

import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.optim.Optimizer;

/** The optimiser of the built-in configuration, where none is given. */
public final class DefaultOptimizer {
  private DefaultOptimizer() {}

  public static Optimizer create() {
    return TrainingConfig.defaults().optimizer().rule();
  }

  /**
   * Another one, with its built-in settings.
   *
   * @throws org.backdraft.driver.failure.ConfigurationException if no optimiser has that name
   */
  public static Optimizer named(String name) {
    return OptimizerConfig.defaults(name).rule();
  }
}
