package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;

/**
 * A piece of work that a worker has for a limited time.
 *
 * @param id grows in the order of the work; no two leases of a run have the same
 * @param kind what is to be done
 * @param epoch from 0
 * @param step with {@code TRAIN} the global batch, from 0 in the run; with {@code EVALUATE} how
 *     many are done
 * @param leaves of that batch, or of the validation set
 */
public record Lease(long id, Kind kind, int epoch, long step, LeafRange leaves) {
  /** The kinds of work. */
  public enum Kind {
    /** Compute the gradient of the leaves and push it. */
    TRAIN(1),
    /** Evaluate the leaves of the validation set. */
    EVALUATE(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static Kind of(int code) {
      return code == TRAIN.code ? TRAIN : EVALUATE; // the reader has checked the range
    }
  }

  Message toMessage() {
    return new PayloadWriter(64)
        .putLong(id)
        .putInt(kind.code)
        .putInt(epoch)
        .putInt(leaves.begin())
        .putInt(leaves.size())
        .message(MessageKind.LEASE, step);
  }

  static Lease of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.LEASE, message);
    long id = in.readLong();
    Kind kind = Kind.of(in.readInt("kind", 1, Kind.values().length));
    int epoch = in.readInt("epoch", 0, Integer.MAX_VALUE);
    int begin = in.readInt("first leaf", 0, Leaves.MAX - 1);
    int size = in.readInt("leaves", 1, Leaves.MAX - begin);
    in.end();
    return new Lease(id, kind, epoch, message.step(), new LeafRange(begin, begin + size));
  }
}
