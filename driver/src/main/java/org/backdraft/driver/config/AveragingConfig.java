package org.backdraft.driver.config;

import static org.backdraft.driver.config.ConfigChecks.requireFraction;
import static org.backdraft.driver.config.ConfigChecks.requireOneOf;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.backdraft.optim.Averaging;

/**
 * Whether what is validated, and kept at the end, is an average of the weights of many steps: the
 * section {@code train.average}.
 *
 * @param name {@code none}, {@code polyak} or {@code ema}
 * @param decay of {@code ema}: how much of the average is kept at a step, in [0, 1)
 * @param from the first epoch whose steps count, from 1
 */
public record AveragingConfig(
    @JsonProperty("name") String name,
    @JsonProperty("decay") double decay,
    @JsonProperty("from") int from) {
  private static final String NONE = "none";
  private static final String POLYAK = "polyak";

  public AveragingConfig {
    requireOneOf("train.average.name", name, List.of(NONE, POLYAK, "ema"));
    requireFraction("train.average.decay", decay);
    require(from >= 1, "train.average.from must be an epoch from 1 on: got %d.", from);
  }

  /** No average; one that is asked for has the decay of PyTorch's {@code get_ema_avg_fn}. */
  public static AveragingConfig defaults() {
    return new AveragingConfig(NONE, 0.999, 1);
  }

  /** Whether weights are not averaged. */
  public boolean isNone() {
    return name.equals(NONE);
  }

  /** What workers need to know of it. */
  Averaging averaging() {
    return switch (name) {
      case NONE -> Averaging.NONE;
      case POLYAK -> new Averaging(Averaging.Kind.POLYAK, decay, from - 1);
      default -> new Averaging(Averaging.Kind.EXPONENTIAL, decay, from - 1);
    };
  }
}
