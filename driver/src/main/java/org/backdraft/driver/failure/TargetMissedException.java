package org.backdraft.driver.failure;

import java.util.Locale;

/** All epochs are done and the validation accuracy stayed below {@code train.target}. */
public final class TargetMissedException extends BackdraftException {
  private static final long serialVersionUID = 1L;

  public TargetMissedException(double target, double best, int epochs) {
    super(
        String.format(
            Locale.ROOT,
            "The target was not reached: train.target asks for a validation accuracy of %.4f, the"
                + " best of %d epochs is %.4f.",
            target,
            epochs,
            best),
        null);
  }

  @Override
  public int exitCode() {
    return 5;
  }
}
