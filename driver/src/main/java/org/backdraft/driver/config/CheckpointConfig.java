package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.worker.CheckpointRule;

/**
 * When a run is saved, and how much of that is kept: the section {@code checkpoint}.
 *
 * @param every {@code N steps}, {@code N min}, {@code N epochs}, several of them with commas, or
 *     {@code never}
 * @param keep the newest checkpoints that are kept, beside the best one
 * @param stopSeconds how long a run that is told to stop may take to end its step and to be saved
 */
public record CheckpointConfig(
    @JsonProperty("every") String every,
    @JsonProperty("keep") int keep,
    @JsonProperty("stop-seconds") int stopSeconds) {
  private static final String NEVER = "never";
  private static final Pattern TERM =
      Pattern.compile("\\s*([1-9][0-9]{0,8})\\s*(steps?|min|epochs?)\\s*");

  public CheckpointConfig {
    require(every != null && !every.isBlank(), "checkpoint.every must be given: got nothing.");
    if (!every.equals(NEVER)) {
      for (String term : every.split(",", -1)) {
        require(
            TERM.matcher(term).matches(),
            "checkpoint.every must be never, or N steps, N min, N epochs, or several of them with"
                + " commas: got '%s'.",
            every);
      }
    }
    require(keep >= 1, "checkpoint.keep must be at least 1: got %d.", keep);
    require(
        stopSeconds >= 0,
        "checkpoint.stop-seconds must be at least 0 (stop at once): got %d.",
        stopSeconds);
  }

  /**
   * Every ten minutes and after each epoch; three are kept. Whoever tells processes to stop mostly
   * kills them after 30 seconds.
   */
  public static CheckpointConfig defaults() {
    return new CheckpointConfig("10 min, 1 epochs", 3, 25);
  }

  /**
   * The same, or never where nobody would go on from what is saved: workers that are lost one by
   * one are replaced beside the others, so that only another driver does.
   *
   * @param hasFolder whether checkpoints outlive the driver
   */
  public CheckpointConfig of(SyncSpec sync, boolean hasFolder) {
    return sync.isLeased() && !hasFolder ? new CheckpointConfig(NEVER, keep, stopSeconds) : this;
  }

  /** Whether nothing is saved. */
  public boolean isNever() {
    return every.equals(NEVER);
  }

  /** What the gang decides by itself. */
  public CheckpointRule rule() {
    return new CheckpointRule(number("step").orElse(0), number("epoch").orElse(0));
  }

  /** How long after the last checkpoint the driver asks for another one, if it does. */
  public Optional<Integer> minutes() {
    return number("min");
  }

  private Optional<Integer> number(String unit) {
    Matcher term = TERM.matcher("");
    for (String each : every.split(",", -1)) {
      if (term.reset(each).matches() && term.group(2).startsWith(unit)) {
        return Optional.of(Integer.parseInt(term.group(1)));
      }
    }
    return Optional.empty();
  }
}
