package org.backdraft.optim;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * How the mean gradient is bounded before an optimiser sees it; weight decay comes afterwards.
 *
 * @param norm the most that the norm over all parameters may be, as PyTorch's {@code
 *     clip_grad_norm_}: the gradient is multiplied by {@code min(1, norm / (‖gradient‖ + 1e-6))}; 0
 *     for no bound
 * @param value the most that an element may be, as {@code clip_grad_value_}; 0 for no bound
 */
public record Clipping(float norm, float value) implements Serializable {
  /** Gradients as they are. */
  public static final Clipping NONE = new Clipping(0, 0);

  private static final double EPSILON = 1e-6;

  public Clipping {
    Ranges.atLeastZero("train.clip", norm);
    Ranges.atLeastZero("train.clip-value", value);
    Checks.argument(
        norm == 0 || value == 0,
        "train.clip and train.clip-value must not both be given: got %s and %s.",
        norm,
        value);
  }

  /**
   * What gradient sums are to be divided by, so that their mean is bounded: the factor is folded
   * into the one division that there is.
   *
   * @param squares the sum of squares of all gradient sums
   * @param denominator that makes a mean of the sums
   */
  public float denominator(double squares, float denominator) {
    double length = StrictMath.sqrt(squares) / denominator;
    return (float) (denominator / Math.min(1, norm / (length + EPSILON)));
  }
}
