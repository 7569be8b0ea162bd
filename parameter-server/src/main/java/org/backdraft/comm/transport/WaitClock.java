package org.backdraft.comm.transport;

/**
 * Sums the time that one rank waits for its peers. For implementations of {@link Transport}: the
 * thread that uses the transport starts and stops it, any thread may read it, also while a wait is
 * under way. Allocates nothing.
 */
public final class WaitClock {
  /**
   * Twice the sum while nobody waits; during a wait twice the sum less its begin, plus 1. So one
   * field says both, and a reader never counts a wait that has just ended twice.
   */
  private volatile long state;

  /** A wait begins; no effect if one is under way. */
  public void start(long nowNanos) {
    long before = state;
    if ((before & 1) == 0) {
      state = (((before >> 1) - nowNanos) << 1) | 1;
    }
  }

  /** The wait ends; no effect if none is under way. */
  public void stop(long nowNanos) {
    long before = state;
    if ((before & 1) != 0) {
      state = ((before >> 1) + nowNanos) << 1;
    }
  }

  /**
   * The sum of all waits, of one under way up to now.
   *
   * @param nowNanos of the clock that {@link #start} was given
   */
  public long nanos(long nowNanos) {
    long now = state;
    return (now & 1) == 0 ? now >> 1 : (now >> 1) + nowNanos;
  }
}
