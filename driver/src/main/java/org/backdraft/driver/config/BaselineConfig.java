package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Which naive answers a result is compared with: the section {@code baseline}. Nothing of it
 * changes what is trained.
 *
 * @param isWanted whether it is
 * @param neighbors the most training examples that validation examples are compared with for their
 *     nearest one, and that the linear answer is made of; 0 for neither
 */
public record BaselineConfig(
    @JsonProperty("enabled") boolean isWanted, @JsonProperty("neighbors") int neighbors) {
  public BaselineConfig {
    require(neighbors >= 0, "baseline.neighbors must be at least 0 (none): got %d.", neighbors);
  }

  /** All of them, with at most 10,000 neighbours. */
  public static BaselineConfig defaults() {
    return new BaselineConfig(true, 10_000);
  }
}
