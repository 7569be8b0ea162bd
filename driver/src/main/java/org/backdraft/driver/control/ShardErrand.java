package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;
import org.backdraft.ps.ShardSnapshot;

/** What the driver wants of a worker that keeps shards; done beside the worker's own work. */
public sealed interface ShardErrand {
  /**
   * Keep these shards from now on, and no others. Their blocks follow, each as an {@link Image}.
   *
   * @param epoch of the table
   * @param clock that the blocks are of
   * @param clocks by rank: the leases it had completed
   * @param starts by rank: the first start that is let in
   * @param shards their numbers
   */
  record Host(int epoch, long clock, long[] clocks, int[] starts, int[] shards)
      implements ShardErrand {
    @Override
    public Message toMessage() {
      PayloadWriter out =
          new PayloadWriter(32 + 12 * clocks.length + 4 * shards.length)
              .putInt(epoch)
              .putLong(clock)
              .putLongs(clocks)
              .putInts(starts)
              .putInts(shards);
      return out.message(MessageKind.HOST, 0);
    }
  }

  /**
   * A copy of a block, both ways.
   *
   * @param epoch of the table that it is for, or that it is of
   */
  record Image(int epoch, ShardSnapshot.BlockImage block) implements ShardErrand, ShardNews {
    @Override
    public Message toMessage() {
      PayloadWriter out =
          new PayloadWriter(
                  64
                      + 12 * block.lastClocks().length
                      + (1 + block.state().length) * (4 + Float.BYTES * block.values().length))
              .putInt(epoch)
              .putInt(block.block())
              .putLong(block.updates())
              .putLongs(block.lastClocks())
              .putInts(block.lastSequences())
              .putFloats(block.values())
              .putInt(block.state().length);
      for (float[] slot : block.state()) {
        out.putFloats(slot);
      }
      return out.message(MessageKind.IMAGE, 0);
    }

    static Image of(Message message) throws IOException {
      PayloadReader in = new PayloadReader(MessageKind.IMAGE, message);
      int epoch = in.readInt("epoch", 0, Integer.MAX_VALUE);
      int block = in.readInt("block", 0, Integer.MAX_VALUE);
      long updates = in.readLong();
      long[] lastClocks = in.readLongs();
      int[] lastSequences = in.readInts();
      float[] values = in.readFloats();
      float[][] state = new float[in.readCount(Integer.BYTES)][];
      for (int slot = 0; slot < state.length; slot++) {
        state[slot] = in.readFloats();
      }
      in.end();
      return new Image(
          epoch,
          new ShardSnapshot.BlockImage(block, updates, values, state, lastClocks, lastSequences));
    }
  }

  /** Shut out a start of a worker and all before. */
  record Fence(int rank, int start) implements ShardErrand {
    @Override
    public Message toMessage() {
      return new PayloadWriter(8).putInt(rank).putInt(start).message(MessageKind.FENCE, 0);
    }
  }

  /**
   * Copy the shards at a clock.
   *
   * @param epoch of the table
   * @param timeoutMillis until the workers must have come there
   */
  record Snapshot(int epoch, long clock, long timeoutMillis) implements ShardErrand {
    @Override
    public Message toMessage() {
      return new PayloadWriter(24)
          .putInt(epoch)
          .putLong(clock)
          .putLong(timeoutMillis)
          .message(MessageKind.SNAPSHOT, 0);
    }
  }

  Message toMessage();

  /** Reads one, which must be of a kind that {@link MessageKind#isErrand} names. */
  static ShardErrand of(Message message) throws IOException {
    MessageKind kind = MessageKind.of(message.type());
    PayloadReader in = new PayloadReader(kind, message);
    switch (kind) {
      case HOST -> {
        Host host =
            new Host(
                in.readInt("epoch", 0, Integer.MAX_VALUE),
                in.readLong(),
                in.readLongs(),
                in.readInts(),
                in.readInts());
        in.end();
        return host;
      }
      case IMAGE -> {
        return Image.of(message);
      }
      case FENCE -> {
        Fence fence = new Fence(in.readInt(), in.readInt());
        in.end();
        return fence;
      }
      case SNAPSHOT -> {
        Snapshot snapshot = new Snapshot(in.readInt(), in.readLong(), in.readLong());
        in.end();
        return snapshot;
      }
      default -> throw new IOException("No errand of a shard's keeper is of kind " + kind + ".");
    }
  }
}
