package org.backdraft.driver.failure;

import java.util.Locale;

/** Workers were lost or failed more often than the run may try again; names the first cause. */
public final class TooManyFailuresException extends BackdraftException {
  private static final long serialVersionUID = 1L;

  /**
   * What failed first.
   *
   * @param rank −1 where no single worker is to blame
   * @param host {@code unknown} where the worker never reported
   * @param step that the worker was in, from 0
   * @param what a clause: {@code its connection broke}
   */
  public record FirstCause(
      int attempt, int rank, int worldSize, String host, long step, String what) {
    @Override
    public String toString() {
      if (rank < 0) {
        return String.format(
            Locale.ROOT,
            "attempt %d of %d workers, at step %d: %s",
            attempt,
            worldSize,
            step + 1,
            what);
      }
      return String.format(
          Locale.ROOT,
          "rank %d of %d on host %s, at step %d (attempt %d): %s",
          rank,
          worldSize,
          host,
          step + 1,
          attempt,
          what);
    }
  }

  private final FirstCause firstCause;

  public TooManyFailuresException(FirstCause firstCause, Throwable cause) {
    super("Training failed. First cause: " + sentence(firstCause.toString()), cause);
    this.firstCause = firstCause;
  }

  private TooManyFailuresException(String message, FirstCause firstCause, Throwable last) {
    super(message, last);
    this.firstCause = firstCause;
  }

  /**
   * This one, which was the first, of a run that has failed again and again.
   *
   * @param restarts that it has had
   * @param last how it failed in the end
   */
  public TooManyFailuresException after(int restarts, TooManyFailuresException last) {
    return new TooManyFailuresException(
        String.format(
            Locale.ROOT,
            "%s It has failed again after each of %d restart(s) (train.restarts), at last: %s",
            getMessage(),
            restarts,
            sentence(last.firstCause.toString())),
        firstCause,
        last);
  }

  private static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }

  public FirstCause firstCause() {
    return firstCause;
  }

  @Override
  public int exitCode() {
    return 6;
  }
}
