package org.backdraft.driver.failure;

/** A run ended for a reason that its user can name; the message is complete without a trace. */
public abstract sealed class BackdraftException extends RuntimeException
    permits ConfigurationException,
        TrainingDivergedException,
        TargetMissedException,
        TooManyFailuresException,
        RunInterruptedException {
  private static final long serialVersionUID = 1L;

  BackdraftException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The exit code of a process that ends for this reason. */
  public abstract int exitCode();
}
