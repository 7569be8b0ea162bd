package org.backdraft.driver.selection;

import org.backdraft.tensor.Checks;

/**
 * When to end a training since its validations no longer get better: after {@code patience} epochs
 * in a row none of which is better than the best one by more than {@code minDelta}. That is the
 * rule of Keras's and of PyTorch Lightning's {@code EarlyStopping}; a value that is not a number is
 * never better. Immutable.
 *
 * @param monitor what has to get better
 * @param patience epochs, at least 1
 * @param minDelta at least 0, in the unit of what is monitored
 * @param firstEpoch from 0; epochs before it do not count, neither as good nor as bad
 */
public record EarlyStopping(Monitor monitor, int patience, double minDelta, int firstEpoch) {
  public EarlyStopping {
    Checks.argument(patience >= 1, "patience must be at least 1: got %d.", patience);
    Checks.argument(
        minDelta >= 0 && Double.isFinite(minDelta),
        "minDelta must be at least 0: got %s.",
        minDelta);
    Checks.argument(firstEpoch >= 0, "firstEpoch must be at least 0: got %d.", firstEpoch);
  }

  /**
   * What is known of the epochs so far.
   *
   * @param best the best value; NaN before the first
   * @param bestEpoch that has it, from 0; −1 before the first
   * @param badEpochs in a row, up to the last one
   */
  public record State(double best, int bestEpoch, int badEpochs) {
    /** Before the first epoch. */
    public static final State BEGINNING = new State(Double.NaN, -1, 0);

    /** Whether an epoch is the best so far. */
    public boolean isBest(int epoch) {
      return epoch == bestEpoch;
    }
  }

  /**
   * The state after another epoch.
   *
   * @param epoch from 0
   * @param scores of its validation
   */
  public State after(State state, int epoch, ValidationScores scores) {
    if (epoch < firstEpoch) {
      return state;
    }
    double value = monitor.of(scores);
    return monitor.isBetter(value, state.best(), minDelta)
        ? new State(value, epoch, 0)
        : new State(state.best(), state.bestEpoch(), state.badEpochs() + 1);
  }

  /** Whether patience is at its end. */
  public boolean isOver(State state) {
    return state.badEpochs() >= patience;
  }
}
