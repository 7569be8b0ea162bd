package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/** What a worker that keeps shards tells the driver. */
public sealed interface ShardNews permits ShardErrand.Image, ShardNews.Hosted, ShardNews.Taken {
  /**
   * The shards can be reached.
   *
   * @param epoch of the table
   * @param ports in the order of the shards that were asked for
   */
  record Hosted(int epoch, int[] ports) implements ShardNews {
    @Override
    public Message toMessage() {
      return new PayloadWriter(8 + 4 * ports.length)
          .putInt(epoch)
          .putInts(ports)
          .message(MessageKind.HOSTED, 0);
    }
  }

  /**
   * All blocks have been sent, or cannot be.
   *
   * @param epoch of the table
   * @param clock that was asked for
   * @param complete false where the workers did not come there in time
   * @param clocks by rank: the leases it had completed
   * @param widestLead by how many leases a worker was ever ahead of the slowest
   */
  record Taken(int epoch, long clock, boolean complete, long[] clocks, long widestLead)
      implements ShardNews {
    @Override
    public Message toMessage() {
      return new PayloadWriter(32 + 8 * clocks.length)
          .putInt(epoch)
          .putLong(clock)
          .putBoolean(complete)
          .putLongs(clocks)
          .putLong(widestLead)
          .message(MessageKind.SNAPSHOT_TAKEN, 0);
    }
  }

  Message toMessage();

  /** Reads what is of kind {@code HOSTED}, {@code IMAGE} or {@code SNAPSHOT_TAKEN}. */
  static ShardNews of(MessageKind kind, Message message) throws IOException {
    PayloadReader in = new PayloadReader(kind, message);
    switch (kind) {
      case HOSTED -> {
        Hosted hosted = new Hosted(in.readInt(), in.readInts());
        in.end();
        return hosted;
      }
      case IMAGE -> {
        return ShardErrand.Image.of(message);
      }
      case SNAPSHOT_TAKEN -> {
        Taken taken =
            new Taken(in.readInt(), in.readLong(), in.readBoolean(), in.readLongs(), in.readLong());
        in.end();
        return taken;
      }
      default -> throw new IOException("No news of a shard's keeper is of kind " + kind + ".");
    }
  }
}
