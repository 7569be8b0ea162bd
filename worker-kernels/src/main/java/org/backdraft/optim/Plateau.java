package org.backdraft.optim;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * When to lower the learning rate since a validation no longer gets better, as PyTorch's {@code
 * ReduceLROnPlateau} in its mode {@code rel}: after more than {@code patience} epochs in a row that
 * are no better than the best one the rate is multiplied by {@code factor}, and for {@code
 * cooldown} epochs after that none counts as bad. Immutable.
 *
 * <p>PyTorch does not lower a rate by less than 1e-8; this does.
 *
 * @param factor in (0, 1)
 * @param patience epochs, at least 0
 * @param threshold by which part of the best value another one has to be better, in [0, 1)
 * @param cooldown epochs, at least 0
 * @param least the rate below which it is not lowered, at least 0
 * @param isRising whether larger values are better, as those of an accuracy
 */
public record Plateau(
    float factor, int patience, float threshold, int cooldown, float least, boolean isRising)
    implements Serializable {
  public Plateau {
    Checks.argument(
        factor > 0 && factor < 1,
        "schedule.factor must lie in (0, 1) with plateau: got %s.",
        factor);
    Checks.argument(
        patience >= 0, "schedule.plateau.patience must be at least 0: got %d.", patience);
    Ranges.belowOne("schedule.plateau.threshold", threshold);
    Checks.argument(
        cooldown >= 0, "schedule.plateau.cooldown must be at least 0: got %d.", cooldown);
    Ranges.atLeastZero("schedule.end-lr", least);
  }

  /**
   * What is known of the epochs so far.
   *
   * @param scale what the schedule's rate is multiplied by
   * @param best the best value; NaN before the first
   * @param badEpochs in a row
   * @param cooldown epochs that do not count yet
   */
  public record State(double scale, double best, int badEpochs, int cooldown) {
    /** Before the first epoch. */
    public static final State BEGINNING = new State(1, Double.NaN, 0, 0);
  }

  /**
   * The state after another epoch.
   *
   * @param value of its validation
   * @param initial the rate that is scaled
   */
  public State after(State state, double value, float initial) {
    boolean isBetter = isBetter(value, state.best());
    int bad = isBetter ? 0 : state.badEpochs() + 1;
    int waiting = state.cooldown();
    if (waiting > 0) {
      waiting--;
      bad = 0;
    }
    double scale = state.scale();
    if (bad > patience) {
      scale = Math.min(scale, Math.max(scale * factor, (double) least / initial));
      waiting = cooldown;
      bad = 0;
    }
    return new State(scale, isBetter ? value : state.best(), bad, waiting);
  }

  private boolean isBetter(double value, double best) {
    if (Double.isNaN(best)) {
      return !Double.isNaN(value);
    }
    return isRising ? value > best * (1.0 + threshold) : value < best * (1.0 - threshold);
  }
}
