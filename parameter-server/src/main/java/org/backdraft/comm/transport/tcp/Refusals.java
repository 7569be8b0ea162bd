package org.backdraft.comm.transport.tcp;

import java.util.function.Consumer;

/**
 * Tells of connections that were refused: the first ones each, later ones at powers of two, so that
 * a flood of connections is no flood of log lines.
 */
final class Refusals {
  private static final int TOLD_IN_FULL = 20;

  private final Consumer<String> events;
  private int count;

  Refusals(Consumer<String> events) {
    this.events = events;
  }

  void refused(Object remote, String reason) {
    count++;
    if (count <= TOLD_IN_FULL || Integer.bitCount(count) == 1) {
      events.accept("Refused connection %d, from %s: %s".formatted(count, remote, reason));
    }
  }
}
