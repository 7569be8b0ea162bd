package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * What a worker tells of a training lease that it has pushed.
 *
 * @param lease its id
 * @param lossSum over all labels of the lease, before its own update
 * @param denominator what that is divided by
 * @param correct hits among the labels
 * @param labels that are not ignored
 * @param examples of the lease
 * @param pushedBytes to all shards
 * @param clock how many leases the worker has completed with it, as the shards count
 */
public record LeaseSums(
    long lease,
    double lossSum,
    double denominator,
    double correct,
    double labels,
    int examples,
    long pushedBytes,
    long clock) {
  Message toMessage(long step) {
    return new PayloadWriter(72)
        .putLong(lease)
        .putDouble(lossSum)
        .putDouble(denominator)
        .putDouble(correct)
        .putDouble(labels)
        .putInt(examples)
        .putLong(pushedBytes)
        .putLong(clock)
        .message(MessageKind.LEASE_DONE, step);
  }

  static LeaseSums of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.LEASE_DONE, message);
    LeaseSums sums =
        new LeaseSums(
            in.readLong(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble(),
            in.readInt("examples", 1, Integer.MAX_VALUE),
            in.readLong(),
            in.readLong());
    in.end();
    return sums;
  }
}
