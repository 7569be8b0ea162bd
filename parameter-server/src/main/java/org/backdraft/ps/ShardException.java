package org.backdraft.ps;

import java.io.IOException;
import java.util.Locale;

/** A worker could not do what it wanted at a shard. */
public abstract sealed class ShardException extends IOException
    permits ShardException.Lost, ShardException.Timeout, ShardException.Refused {
  private static final long serialVersionUID = 1L;

  private final int shard;

  private ShardException(int shard, String message, Throwable cause) {
    super(message, cause);
    this.shard = shard;
  }

  /** The shard at the other end. */
  public int shard() {
    return shard;
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
      super(where.shard(), "Lost a shard: " + where + ".", cause);
    }
  }

  /** A shard did not answer before the deadline, or waits for a worker that is too far behind. */
  public static final class Timeout extends ShardException {
    private static final long serialVersionUID = 1L;

    Timeout(Where where, String why) {
      super(where.shard(), "A shard was not ready in time: " + where + "; " + why + ".", null);
    }
  }

  /** A shard refused the worker: the table was restored, or the worker replaced, meanwhile. */
  public static final class Refused extends ShardException {
    private static final long serialVersionUID = 1L;

    Refused(Where where, String reason) {
      super(where.shard(), "A shard refused a request: " + where + ". " + reason, null);
    }
  }
}
