package org.backdraft.driver;

/** Somebody asked the run to stop; the driver's thread was interrupted. */
public final class RunInterruptedException extends BackdraftException {
  private static final long serialVersionUID = 1L;

  public RunInterruptedException(InterruptedException cause) {
    super("The run was interrupted; its workers have been told to stop.", cause);
  }

  @Override
  public int exitCode() {
    return 130;
  }
}
