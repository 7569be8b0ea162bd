package org.backdraft.driver;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.failure.RunInterruptedException;

/**
 * Asks a run to stop: after the step that it is in, once its state is saved. A run that does not
 * hear of it within seconds, since it has not begun to train or waits for workers, or that has not
 * stopped when its grace is over, is interrupted.
 *
 * <p>Of one run. Thread-safe.
 */
public final class StopRequest {
  /** How long a run that can hear of it may take to hear of it. */
  static final Duration HEARING = Duration.ofSeconds(3);

  private final Object changed = new Object();
  private final Duration hearing;
  // All that follows is guarded by `changed`.
  private Thread runner; // null before the run and after it
  private Duration grace = Duration.ZERO;
  private boolean isAsked;
  private boolean isHeard;
  private boolean hasInterrupted;

  public StopRequest() {
    this(HEARING);
  }

  /** With another time to hear of it. */
  StopRequest(Duration hearing) {
    this.hearing = hearing;
  }

  /** Asks the run to stop; returns at once. A second time is without effect. */
  public void ask() {
    synchronized (changed) {
      if (!isAsked) {
        isAsked = true;
        pressIfBoth();
      }
    }
  }

  /**
   * Lets the calling thread be interrupted if it does not stop when asked to, until {@link
   * #endWatch}.
   *
   * @param grace how long it may take to stop and to save
   */
  void watch(Duration grace) {
    synchronized (changed) {
      this.grace = grace;
      runner = Thread.currentThread();
      pressIfBoth();
    }
  }

  /** From now on the calling thread is not interrupted; nor is it any more, if it was. */
  void endWatch() {
    synchronized (changed) {
      runner = null;
      changed.notifyAll();
      if (hasInterrupted) {
        boolean unused = Thread.interrupted();
      }
    }
  }

  /** Starts to count where there are a run and a request; the lock is held. */
  private void pressIfBoth() {
    if (isAsked && runner != null) {
      new NamedThreadFactory("stop").newThread(this::press).start();
    }
  }

  private void press() {
    synchronized (changed) {
      long startNanos = System.nanoTime();
      Duration toHear = hearing.compareTo(grace) < 0 ? hearing : grace;
      try {
        await(startNanos, toHear, () -> isHeard || runner == null);
        if (isHeard) {
          await(startNanos, grace, () -> runner == null);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // nobody does; the run is not left waiting
      }
      if (runner != null) {
        hasInterrupted = true;
        runner.interrupt();
      }
    }
  }

  private void await(long startNanos, Duration atMost, BooleanSupplier condition)
      throws InterruptedException {
    while (!condition.getAsBoolean()) {
      long leftMillis = (atMost.toNanos() - (System.nanoTime() - startNanos)) / 1_000_000;
      if (leftMillis <= 0) {
        return;
      }
      changed.wait(leftMillis);
    }
  }

  /** Whether the run is to stop. */
  boolean isAsked() {
    synchronized (changed) {
      return isAsked;
    }
  }

  /** Notes that the run does what it is asked for; whether that is news. */
  boolean hear() {
    synchronized (changed) {
      boolean isNews = !isHeard;
      isHeard = true;
      changed.notifyAll();
      return isNews;
    }
  }

  /** Whether the run had to be interrupted. */
  boolean hasInterrupted() {
    synchronized (changed) {
      return hasInterrupted;
    }
  }

  /** What a run that had to be interrupted says of it. */
  RunInterruptedException describe(Exception cause) {
    synchronized (changed) {
      if (!isHeard) {
        return new RunInterruptedException(
            "The run was told to stop while it did not train, and has stopped at once.", cause);
      }
      return new RunInterruptedException(
          ("The run was told to stop, and was not saved: its step and its checkpoint did not end"
                  + " within %d s (checkpoint.stop-seconds). What counts is the checkpoint before.")
              .formatted(grace.toSeconds()),
          cause);
    }
  }
}
