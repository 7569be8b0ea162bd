package org.backdraft.driver;

import java.util.Locale;

/** The loss is no longer a number. */
public final class TrainingDivergedException extends BackdraftException {
  private static final long serialVersionUID = 1L;

  private final long step;
  private final String layer;

  /**
   * @param step from 0
   * @param layer the first layer whose output is not finite, {@code loss} where all are
   */
  public TrainingDivergedException(int epoch, long step, String layer, double learningRate) {
    super(
        String.format(
            Locale.ROOT,
            "Training diverged: the loss of step %d (epoch %d) is not finite; the first layer with"
                + " a NaN or an infinity in its output is '%s'. Try a smaller optimizer.lr (it was"
                + " %s at that step).",
            step + 1,
            epoch + 1,
            layer,
            Float.toString((float) learningRate)),
        null);
    this.step = step;
    this.layer = layer;
  }

  /** The step whose loss is not finite, from 0; users read it from 1. */
  public long step() {
    return step;
  }

  /** The first layer whose output is not finite, {@code loss} where all are. */
  public String layer() {
    return layer;
  }

  @Override
  public int exitCode() {
    return 4;
  }
}
