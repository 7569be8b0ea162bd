package org.backdraft.ps;

import java.util.Arrays;

/**
 * How many steps each worker has completed, and which start of it counts. Guarded by the shard's
 * lock.
 */
final class WorkerClocks {
  private final long[] clocks;
  private final int[] incarnations; // the least that is accepted
  private final boolean[] gone; // fenced or finished: holds nobody back

  WorkerClocks(int workers) {
    clocks = new long[workers];
    incarnations = new int[workers];
    gone = new boolean[workers];
  }

  int workers() {
    return clocks.length;
  }

  long of(int worker) {
    return clocks[worker];
  }

  long[] copy() {
    return clocks.clone();
  }

  void restore(long[] saved) {
    System.arraycopy(saved, 0, clocks, 0, clocks.length);
  }

  /** The clock of the slowest worker that is still there; the largest number if none is. */
  long least() {
    int slowest = slowest();
    return slowest < 0 ? Long.MAX_VALUE : clocks[slowest];
  }

  /** The slowest worker that is still there, −1 if none is. */
  int slowest() {
    int slowest = -1;
    for (int worker = 0; worker < clocks.length; worker++) {
      if (!gone[worker] && (slowest < 0 || clocks[worker] < clocks[slowest])) {
        slowest = worker;
      }
    }
    return slowest;
  }

  /** By how many steps {@code clock} is ahead of the slowest worker that is there, at least 0. */
  long lead(long clock) {
    int slowest = slowest();
    return slowest < 0 ? 0 : Math.max(0, clock - clocks[slowest]);
  }

  boolean isCurrent(int worker, int incarnation) {
    return incarnation >= incarnations[worker];
  }

  void complete(int worker, long clock) {
    clocks[worker] = Math.max(clocks[worker], clock + 1);
  }

  void finish(int worker) {
    gone[worker] = true;
  }

  void fence(int worker, int incarnation) {
    incarnations[worker] = Math.max(incarnations[worker], incarnation + 1);
    gone[worker] = true;
  }

  /** Lets a start of a worker in, not behind those that went on without it. */
  long join(int worker, int incarnation) {
    incarnations[worker] = incarnation;
    gone[worker] = true;
    long others = least();
    gone[worker] = false;
    if (others != Long.MAX_VALUE) {
      clocks[worker] = Math.max(clocks[worker], others);
    }
    return clocks[worker];
  }

  @Override
  public String toString() {
    return Arrays.toString(clocks);
  }
}
