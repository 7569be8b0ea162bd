package org.backdraft.driver.sync;

/**
 * Where the time of a rank's last step went, in nanoseconds: a lap timer that a {@link
 * Synchronizer} fills. Each lap takes all that has passed since the one before, so that the parts
 * add up to the step. Reused for each step; used by one thread.
 *
 * <pre>{@code
 * times.start();
 * replica.trainStep(batch, seed, epoch);
 * times.computed();
 * long waited = collectives.waitedNanos();
 * collectives.allReduce(leaves, sums, 0, size, step);
 * times.exchanged(collectives.waitedNanos() - waited);
 * replica.update(...);
 * times.computed();
 * }</pre>
 */
public final class StepTimes {
  private long lapNanos;
  private long computeNanos;
  private long communicationNanos;
  private long waitingNanos;
  private long pushedBytes;

  /** A step begins. */
  void start() {
    start(System.nanoTime());
  }

  void start(long nowNanos) {
    lapNanos = nowNanos;
    computeNanos = 0;
    communicationNanos = 0;
    waitingNanos = 0;
    pushedBytes = 0;
  }

  /** Since the last lap this thread has computed. */
  void computed() {
    computed(System.nanoTime());
  }

  void computed(long nowNanos) {
    computeNanos += lap(nowNanos);
  }

  /**
   * Since the last lap this thread could do nothing before an exchange with its peers was done.
   *
   * @param waitedNanos the part of it in which peers had not entered yet
   */
  void exchanged(long waitedNanos) {
    exchanged(waitedNanos, System.nanoTime());
  }

  void exchanged(long waitedNanos, long nowNanos) {
    long nanos = lap(nowNanos);
    long waited = Math.max(0, Math.min(nanos, waitedNanos));
    waitingNanos += waited;
    communicationNanos += nanos - waited;
  }

  /** A part of the step took as long as another timer has it. */
  void add(StepTimes part) {
    computeNanos += part.computeNanos;
    communicationNanos += part.communicationNanos;
    waitingNanos += part.waitingNanos;
    pushedBytes += part.pushedBytes;
    lapNanos = part.lapNanos;
  }

  /** So many bytes went to the shards of a parameter server. */
  void pushed(long bytes) {
    pushedBytes += bytes;
  }

  private long lap(long nowNanos) {
    long nanos = nowNanos - lapNanos;
    lapNanos = nowNanos;
    return nanos;
  }

  /** Forward, backward and update. */
  public long computeNanos() {
    return computeNanos;
  }

  /** Exchange that computing did not hide: bytes moved, or sums of peers were added. */
  public long communicationNanos() {
    return communicationNanos;
  }

  /** Bytes that went to the shards of a parameter server; 0 without one. */
  public long pushedBytes() {
    return pushedBytes;
  }

  /** Nothing came, since a peer had not entered yet. */
  public long waitingNanos() {
    return waitingNanos;
  }
}
