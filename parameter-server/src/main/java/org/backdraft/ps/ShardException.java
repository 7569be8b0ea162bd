package org.backdraft.ps;

import java.io.IOException;
import java.util.Locale;

/** A worker could not do what it wanted at a shard. */
public abstract sealed class ShardException extends IOException
    permits ShardException.Lost,
        ShardException.Timeout,
        ShardException.Refused,
        ShardException.Unreachable {
  private static final long serialVersionUID = 1L;

  private final int shard;
  private final int awaitedWorker;

  private ShardException(int shard, int awaitedWorker, String message, Throwable cause) {
    super(message, cause);
    this.shard = shard;
    this.awaitedWorker = awaitedWorker;
  }

  /** The shard at the other end, −1 if it is not known. */
  public int shard() {
    return shard;
  }

  /** The worker that the shard waited for in vain, −1 where it is the shard that is to blame. */
  public int awaitedWorker() {
    return awaitedWorker;
  }

  /** Where an operation stood when it failed, for its message. */
  record Where(
      int worker, String operation, long clock, int shard, String address, long elapsedMillis) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "worker %d in %s at clock %d after %.1f s, shard %d at %s",
          worker,
          operation,
          clock,
          elapsedMillis / 1000.0,
          shard,
          address);
    }
  }

  /** The connection to a shard broke. */
  public static final class Lost extends ShardException {
    private static final long serialVersionUID = 1L;

    Lost(Where where, Throwable cause) {
      super(where.shard(), -1, "Lost a shard: " + where + ".", cause);
    }
  }

  /** A shard did not answer before the deadline, or waits for a worker that is too far behind. */
  public static final class Timeout extends ShardException {
    private static final long serialVersionUID = 1L;

    Timeout(Where where, int awaitedWorker, String why) {
      super(
          where.shard(),
          awaitedWorker,
          "A shard was not ready in time: " + where + "; " + why + ".",
          null);
    }
  }

  /** A shard refused the worker: the table was restored, or the worker replaced, meanwhile. */
  public static final class Refused extends ShardException {
    private static final long serialVersionUID = 1L;

    Refused(Where where, String reason) {
      super(where.shard(), -1, "A shard refused a request: " + where + ". " + reason, null);
    }
  }

  /** A worker found no way to a shard when it began. */
  public static final class Unreachable extends ShardException {
    private static final long serialVersionUID = 1L;

    /**
     * @param address where the shard was said to be
     */
    public Unreachable(int worker, int shard, String address, Throwable cause) {
      super(
          shard,
          -1,
          "Worker %d must reach shard %d at %s: %s"
              .formatted(worker, shard, address, cause.getMessage()),
          cause);
    }
  }
}
