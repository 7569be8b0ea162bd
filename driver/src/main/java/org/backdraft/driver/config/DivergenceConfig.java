package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.backdraft.driver.worker.LossLimits;

/**
 * When a loss that is finite counts as diverged: the section {@code train.divergence}.
 *
 * @param loss the most that a step's loss may be, 0 for any
 * @param growth how many times the lowest mean over {@code window} steps the mean over the last
 *     {@code window} steps may be, 0 for any
 * @param window steps
 */
public record DivergenceConfig(
    @JsonProperty("loss") double loss,
    @JsonProperty("growth") double growth,
    @JsonProperty("window") int window) {
  public DivergenceConfig {
    require(
        Double.isFinite(loss) && loss >= 0,
        "train.divergence.loss must be at least 0 (any loss): got %s.",
        loss);
    require(
        growth == 0 || (Double.isFinite(growth) && growth > 1),
        "train.divergence.growth must be above 1, or 0 for any: got %s.",
        growth);
    require(
        window >= 1 && window <= 10_000,
        "train.divergence.window must lie in [1, 10000]: got %d.",
        window);
  }

  /** Any loss will do. */
  public static DivergenceConfig defaults() {
    return new DivergenceConfig(0, 0, 100);
  }

  /** When losses count as diverging. */
  public LossLimits limits() {
    return new LossLimits(loss, growth, window);
  }
}
