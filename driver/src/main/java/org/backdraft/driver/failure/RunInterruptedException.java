package org.backdraft.driver.failure;

import java.util.Locale;
import java.util.Optional;

/** Somebody asked the run to stop; the message says what is saved of it. */
public final class RunInterruptedException extends BackdraftException {
  private static final long serialVersionUID = 1L;

  public RunInterruptedException(InterruptedException cause) {
    this("The run was interrupted; its workers have been told to stop.", cause);
  }

  public RunInterruptedException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Of a run that has finished its step.
   *
   * @param steps that it has taken
   * @param failure why they are not saved, empty where they are
   */
  public static RunInterruptedException after(long steps, Optional<String> failure) {
    return new RunInterruptedException(
        String.format(
            Locale.ROOT,
            "The run was told to stop and did, after step %d, %s",
            steps,
            failure
                .map(
                    why ->
                        "but could not be saved there (%s). What counts is the checkpoint before."
                            .formatted(why))
                .orElse("where it is saved.")),
        null);
  }

  @Override
  public int exitCode() {
    return 130;
  }
}
