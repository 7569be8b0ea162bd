package org.backdraft.driver.config;

import static org.backdraft.driver.config.ConfigChecks.requireOneOf;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.data.RecordFormat;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.selection.EarlyStopping;
import org.backdraft.driver.selection.Monitor;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Loss;
import org.backdraft.metric.Metric;

/**
 * When a run ends since validations no longer get better: the section {@code early-stopping}.
 *
 * @param patience epochs in a row that may be no better than the best one; 0 for no early stopping
 * @param monitor what has to get better
 * @param minDelta by how much, in the unit of what is monitored
 * @param from the first epoch that counts, from 1
 * @param restoresBest whether the run ends with the weights of the best epoch
 */
public record EarlyStoppingConfig(
    @JsonProperty("patience") int patience,
    @JsonProperty("monitor") String monitor,
    @JsonProperty("min-delta") double minDelta,
    @JsonProperty("from") int from,
    @JsonProperty("restore-best") boolean restoresBest) {
  public EarlyStoppingConfig {
    require(patience >= 0, "early-stopping.patience must be at least 0 (none): got %d.", patience);
    requireOneOf("early-stopping.monitor", monitor, Monitor.words());
    require(
        minDelta >= 0 && Double.isFinite(minDelta),
        "early-stopping.min-delta must be a number of at least 0: got %s.",
        minDelta);
    require(from >= 1, "early-stopping.from must be an epoch from 1 on: got %d.", from);
  }

  /** None; one that is asked for looks at the loss. */
  public static EarlyStoppingConfig defaults() {
    return new EarlyStoppingConfig(0, Monitor.LOSS.word(), 0, 1, true);
  }

  /** The rule, if there is one. */
  public Optional<EarlyStopping> rule() {
    return patience == 0
        ? Optional.empty()
        : Optional.of(new EarlyStopping(Monitor.named(monitor), patience, minDelta, from - 1));
  }

  /** Whether weights are kept for the end. */
  public boolean keepsWeights() {
    return patience > 0 && restoresBest;
  }

  /**
   * @throws ConfigurationException if validations on such data do not measure what is monitored
   */
  public void requireMeasured(RecordFormat format, Loss loss) {
    if (patience == 0) {
      return;
    }
    boolean hasClasses =
        loss instanceof HeadLosses heads
            ? heads.firstOfClasses().isPresent()
            : format.targets() == 0;
    List<String> names = Metric.of(loss, format.metric()).names();
    List<String> measured = new ArrayList<>();
    for (Monitor each : Monitor.values()) {
      boolean isMeasured =
          each == Monitor.LOSS
              || (each == Monitor.ACCURACY && hasClasses)
              || names.contains(each.metric());
      if (isMeasured) {
        measured.add(each.word());
      }
    }
    require(
        measured.contains(monitor),
        "early-stopping.monitor must be what the validation measures, one of %s: got '%s'.",
        String.join(", ", measured),
        monitor);
  }
}
