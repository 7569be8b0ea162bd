package org.backdraft.comm.transport.local;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.PostedRanges;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.WaitClock;
import org.backdraft.tensor.Checks;

/**
 * The ranks of one attempt that share this JVM: where they leave ranges for each other to copy.
 *
 * <p>One object for each run and attempt, made by whoever starts the gang and given to its ranks; a
 * new attempt makes a new one. Safe for all threads.
 */
public final class LocalGang {
  private final int worldSize;
  private final int attempt;
  private final long deadlineNanos;
  private final Consumer<LocalGang> whenEmpty;

  private final ReentrantLock lock = new ReentrantLock();
  // All that follows is guarded by the lock.
  private final Condition[] changed;
  private final PostedRanges[][] posted; // [from][to]
  private final long[][] left; // [from][to], ranges posted and not yet copied
  private final boolean[] joined;
  private final boolean[] closed;
  private int members;
  private int failedRank = -1;

  /**
   * @param worldSize number of ranks, all in this JVM
   * @param attempt number of the gang's try
   * @param deadline how long a rank waits for a peer that does nothing
   */
  public LocalGang(int worldSize, int attempt, Duration deadline) {
    this(worldSize, attempt, deadline, gang -> {});
  }

  /**
   * @param whenEmpty told when the last of the ranks that joined has closed
   */
  LocalGang(int worldSize, int attempt, Duration deadline, Consumer<LocalGang> whenEmpty) {
    Checks.argument(worldSize >= 1, "A gang needs a rank: got world size %d.", worldSize);
    Checks.argument(
        !deadline.isNegative() && !deadline.isZero(),
        "The deadline must be longer than 0: got %s.",
        deadline);
    this.worldSize = worldSize;
    this.attempt = attempt;
    this.deadlineNanos = deadline.toNanos();
    this.whenEmpty = whenEmpty;
    changed = new Condition[worldSize];
    posted = new PostedRanges[worldSize][worldSize];
    left = new long[worldSize][worldSize];
    joined = new boolean[worldSize];
    closed = new boolean[worldSize];
    for (int rank = 0; rank < worldSize; rank++) {
      changed[rank] = lock.newCondition();
      for (int to = 0; to < worldSize; to++) {
        posted[rank][to] = new PostedRanges();
      }
    }
  }

  public int worldSize() {
    return worldSize;
  }

  /**
   * The transport of {@code rank}, which closes it at its end.
   *
   * @throws IllegalStateException if the rank has already joined
   */
  public Transport join(int rank) {
    RankContext context = new RankContext(rank, worldSize, attempt);
    lock.lock();
    try {
      Checks.state(
          !joined[rank], "Rank %d has already joined attempt %d of this gang.", rank, attempt);
      joined[rank] = true;
      members++;
    } finally {
      lock.unlock();
    }
    return new LocalTransport(this, context, deadlineNanos);
  }

  /** Leaves {@code source[begin, end)} for {@code to} to copy. */
  void post(int from, int to, long step, float[] source, int begin, int end) {
    lock.lock();
    try {
      if (closed[from] || failedRank >= 0) {
        return; // the next await says what happened
      }
      posted[from][to].add(step, source, begin, end);
      left[from][to]++;
      changed[to].signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Copies the next range that {@code from} left for {@code to}, waiting for it at most the
   * deadline.
   */
  void copy(int from, int to, long step, float[] target, int begin, int end, Wait wait)
      throws CollectiveException {
    float[] source;
    int sourceBegin;
    lock.lock();
    try {
      PostedRanges ranges = posted[from][to];
      checkAlive(from, to, wait);
      if (ranges.isEmpty()) {
        wait.clock.start(System.nanoTime());
        while (ranges.isEmpty()) {
          waitFor(from, to, wait);
        }
        wait.clock.stop(System.nanoTime());
      }
      if (ranges.step() != step || ranges.end() - ranges.begin() != end - begin) {
        failedRank = to;
        signalAll();
        throw new CollectiveException.WireFormat(
            from,
            "Rank %d (attempt %d) expected %d floats of step %d from rank %d in %s: got %d of step %d."
                .formatted(
                    to,
                    attempt,
                    end - begin,
                    step,
                    from,
                    wait.operation,
                    ranges.end() - ranges.begin(),
                    ranges.step()));
      }
      source = ranges.array();
      sourceBegin = ranges.begin();
      ranges.remove();
    } finally {
      lock.unlock();
    }
    // Outside the lock: the sender leaves the range alone until `left` counts it as copied.
    System.arraycopy(source, sourceBegin, target, begin, end - begin);
    lock.lock();
    try {
      // A sender that failed meanwhile no longer leaves its array alone: what was copied may be
      // torn.
      checkAlive(from, to, wait);
      left[from][to]--;
      changed[from].signal();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until {@code to} has copied all that {@code from} left for it. */
  void awaitCopied(int from, int to, Wait wait) throws CollectiveException {
    lock.lock();
    try {
      while (left[from][to] > 0) {
        waitFor(to, from, wait);
      }
      checkAlive(from, from, wait);
    } finally {
      lock.unlock();
    }
  }

  /** Marks a rank as gone; those that wait for it, now or later, fail. */
  void close(int rank) {
    boolean empty;
    lock.lock();
    try {
      if (closed[rank]) {
        return;
      }
      closed[rank] = true;
      members--;
      empty = members == 0;
      signalAll();
    } finally {
      lock.unlock();
    }
    if (empty) {
      whenEmpty.accept(this);
    }
  }

  /** Throws if {@code rank} waits in vain for {@code peer}; the lock is held. */
  private void checkAlive(int peer, int rank, Wait wait) throws CollectiveException {
    if (closed[rank]) {
      throw new CollectiveException.Interrupted(peer, wait.where(), null);
    }
    if (failedRank >= 0 || closed[peer]) {
      int lost = failedRank >= 0 ? failedRank : peer;
      failedRank = failedRank >= 0 ? failedRank : rank;
      signalAll();
      throw new CollectiveException.PeerLost(lost, wait.where(), null);
    }
  }

  /** Waits for one change of the gang's state; the lock is held. */
  @SuppressWarnings("WaitNotInLoop") // the callers loop over their own conditions
  private void waitFor(int peer, int rank, Wait wait) throws CollectiveException {
    checkAlive(peer, rank, wait);
    try {
      if (changed[rank].awaitNanos(wait.remainingNanos()) <= 0 && wait.remainingNanos() <= 0) {
        failedRank = rank;
        signalAll();
        throw new CollectiveException.Timeout(peer, wait.where());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failedRank = rank;
      signalAll();
      throw new CollectiveException.Interrupted(peer, wait.where(), e);
    }
  }

  private void signalAll() {
    for (Condition condition : changed) {
      condition.signalAll();
    }
  }

  /** A rank's current await: its name, and since when nothing has moved. Reused for each. */
  static final class Wait {
    private final RankContext context;
    private final long deadlineNanos;
    private String operation = "";
    private long step;
    private long startNanos;
    private long movedNanos;
    private final WaitClock clock = new WaitClock();

    Wait(RankContext context, long deadlineNanos) {
      this.context = context;
      this.deadlineNanos = deadlineNanos;
    }

    void start(String operation, long step) {
      this.operation = operation;
      this.step = step;
      startNanos = System.nanoTime();
      movedNanos = startNanos;
    }

    void moved() {
      movedNanos = System.nanoTime();
    }

    long waitedNanos() {
      return clock.nanos(System.nanoTime());
    }

    long remainingNanos() {
      return deadlineNanos - (System.nanoTime() - movedNanos);
    }

    CollectiveException.Where where() {
      long elapsedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
      return new CollectiveException.Where(context, operation, step, elapsedMillis);
    }
  }
}
