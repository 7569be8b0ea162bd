package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.backdraft.data.DataSource;
import org.backdraft.data.Subset;

/**
 * How much of a set is used: the section {@code data.limit}.
 *
 * @param train the most training examples; 0 for all
 * @param val the most validation examples; 0 for all
 */
public record LimitConfig(@JsonProperty("train") int train, @JsonProperty("val") int val) {
  public LimitConfig {
    require(train >= 0, "data.limit.train must be at least 0 (all): got %d.", train);
    require(val >= 0, "data.limit.val must be at least 0 (all): got %d.", val);
  }

  /** All examples. */
  public static LimitConfig defaults() {
    return new LimitConfig(0, 0);
  }

  /** As much of the training set as may be used. */
  public DataSource ofTraining(DataSource source) {
    return of(source, train);
  }

  /** As much of the validation set as may be used. */
  public DataSource ofValidation(DataSource source) {
    return of(source, val);
  }

  private static DataSource of(DataSource source, int most) {
    return most == 0 || most >= source.examples() ? source : Subset.sample(source, most);
  }
}
