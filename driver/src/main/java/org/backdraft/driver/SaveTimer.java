package org.backdraft.driver;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Says when so many minutes have passed since the last checkpoint. Used by one thread. */
final class SaveTimer {
  private final long everyNanos; // 0 for never
  private final LongSupplier nanoTime;
  private long lastNanos;

  /**
   * @param minutes between two, empty for never
   * @param nanoTime a clock
   */
  SaveTimer(Optional<Integer> minutes, LongSupplier nanoTime) {
    everyNanos = TimeUnit.MINUTES.toNanos(minutes.orElse(0));
    this.nanoTime = nanoTime;
    lastNanos = nanoTime.getAsLong();
  }

  /** Whether the time is over; then it begins anew. */
  boolean isDue() {
    if (everyNanos == 0 || nanoTime.getAsLong() - lastNanos < everyNanos) {
      return false;
    }
    reset();
    return true;
  }

  /** Begins anew. */
  void reset() {
    lastNanos = nanoTime.getAsLong();
  }
}
