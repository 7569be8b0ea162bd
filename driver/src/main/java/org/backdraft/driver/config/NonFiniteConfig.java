package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What becomes of a step whose loss or gradient is not finite: the section {@code
 * train.non-finite}.
 *
 * @param name {@code fail}; {@code skip}, which leaves everything as it was before the step; or
 *     {@code roll-back} to the last checkpoint, with a lower learning rate from there on
 * @param inARow steps that may be skipped one after the other
 * @param most steps that may be skipped in all, or roll-backs
 * @param rateFactor of the learning rate at each roll-back, in (0, 1)
 */
public record NonFiniteConfig(
    @JsonProperty("name") String name,
    @JsonProperty("in-a-row") int inARow,
    @JsonProperty("most") int most,
    @JsonProperty("lr-factor") float rateFactor) {
  private static final String SKIP = "skip";
  private static final String ROLL_BACK = "roll-back";

  public NonFiniteConfig {
    ConfigChecks.requireOneOf("train.non-finite", name, List.of("fail", SKIP, ROLL_BACK));
    require(inARow >= 1, "train.non-finite.in-a-row must be at least 1: got %d.", inARow);
    require(most >= 1, "train.non-finite.most must be at least 1: got %d.", most);
    require(
        rateFactor > 0 && rateFactor < 1,
        "train.non-finite.lr-factor must lie between 0 and 1: got %s. With the same rate the same"
            + " would happen again.",
        Float.toString(rateFactor));
  }

  /** The run ends. */
  public static NonFiniteConfig defaults() {
    return new NonFiniteConfig("fail", 5, 10, 0.5f);
  }

  boolean skips() {
    return name.equals(SKIP);
  }

  /** Whether a number that is not finite sends the run back to its last state. */
  public boolean rollsBack() {
    return name.equals(ROLL_BACK);
  }

  /** Checks that the workers can do that. */
  void requireFits(SyncConfig sync) {
    require(
        !skips() || (!sync.isLeased() && sync.averageEvery() == 1),
        "train.non-finite must be fail or roll-back where workers do not take every step together:"
            + " got skip with sync.consistency=%s and sync.average-every=%d.",
        sync.consistency(),
        sync.averageEvery());
    require(
        !rollsBack() || !sync.isLeased(),
        "train.non-finite must be fail where workers drift: got %s with sync.consistency=%s.",
        name,
        sync.consistency());
  }
}
