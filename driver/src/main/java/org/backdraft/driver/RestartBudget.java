package org.backdraft.driver;

import java.time.Duration;
import java.util.ArrayDeque;

/** How often a run may start again: so many times within a window of time. Used by one thread. */
final class RestartBudget {
  /** A fault that comes back within this time is the same one. */
  static final Duration WINDOW = Duration.ofMinutes(10);

  private final int most;
  private final ArrayDeque<Long> startNanos = new ArrayDeque<>();
  private int taken;

  /**
   * @param most restarts within {@link #WINDOW}, 0 for none
   */
  RestartBudget(int most) {
    this.most = most;
  }

  /** Takes one restart, if one is left now. */
  boolean take(long nowNanos) {
    while (!startNanos.isEmpty() && nowNanos - startNanos.peekFirst() > WINDOW.toNanos()) {
      startNanos.removeFirst();
    }
    if (startNanos.size() >= most) {
      return false;
    }
    startNanos.addLast(nowNanos);
    taken++;
    return true;
  }

  /** How many have been taken since the run began. */
  int taken() {
    return taken;
  }
}
