package org.backdraft.comm;

import java.io.IOException;
import java.util.Locale;

/**
 * A collective operation failed: a peer is gone, silent or wrong. The context is dead and must be
 * rebuilt by a new attempt, never patched.
 */
public abstract sealed class CollectiveException extends IOException
    permits CollectiveException.PeerLost,
        CollectiveException.Timeout,
        CollectiveException.StaleAttempt,
        CollectiveException.WireFormat,
        CollectiveException.Interrupted {
  private static final long serialVersionUID = 1L;

  private final int peer;

  private CollectiveException(int peer, String message, Throwable cause) {
    super(message, cause);
    this.peer = peer;
  }

  /** The rank at the other end, −1 where it is not known. */
  public int peer() {
    return peer;
  }

  /** Where an operation stood when it failed, for its message. */
  public record Where(RankContext context, String operation, long step, long elapsedMillis) {
    String text(int peer) {
      return String.format(
          Locale.ROOT,
          "rank %d of %d (attempt %d) in %s at step %d after %.1f s, peer rank %d",
          context.rank(),
          context.worldSize(),
          context.attempt(),
          operation,
          step,
          elapsedMillis / 1000.0,
          peer);
    }
  }

  /** The connection to a peer broke. */
  public static final class PeerLost extends CollectiveException {
    private static final long serialVersionUID = 1L;

    public PeerLost(int peer, Where where, Throwable cause) {
      super(peer, "Lost a peer: " + where.text(peer) + ".", cause);
    }
  }

  /** A peer did not answer before the deadline. */
  public static final class Timeout extends CollectiveException {
    private static final long serialVersionUID = 1L;

    public Timeout(int peer, Where where) {
      super(peer, "A peer did not answer in time: " + where.text(peer) + ".", null);
    }
  }

  /** A peer spoke for another run or an older attempt. */
  public static final class StaleAttempt extends CollectiveException {
    private static final long serialVersionUID = 1L;

    public StaleAttempt(int peer, String message) {
      super(peer, message, null);
    }
  }

  /**
   * Bytes that are no frame of ours: wrong magic, version, length or checksum, or a failed proof.
   */
  public static final class WireFormat extends CollectiveException {
    private static final long serialVersionUID = 1L;

    public WireFormat(int peer, String message) {
      this(peer, message, null);
    }

    public WireFormat(int peer, String message, Throwable cause) {
      super(peer, message, cause);
    }
  }

  /** This rank was told to stop (its thread interrupted, its transport closed) while it waited. */
  public static final class Interrupted extends CollectiveException {
    private static final long serialVersionUID = 1L;

    public Interrupted(int peer, Where where, Throwable cause) {
      super(peer, "Stopped while waiting: " + where.text(peer) + ".", cause);
    }
  }
}
