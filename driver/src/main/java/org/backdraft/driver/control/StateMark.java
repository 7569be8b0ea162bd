package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * Where training would go on from the state that follows.
 *
 * @param epoch from 0
 * @param stepInEpoch the next step of that epoch, from 0; may be one past its last
 * @param isLast whether the gang stops there, and waits to be dismissed
 * @param searchLoss what a search has reached, 0 without one
 */
public record StateMark(int epoch, long stepInEpoch, boolean isLast, double searchLoss) {
  Message toMessage(long step) {
    return new PayloadWriter(21)
        .putInt(epoch)
        .putLong(stepInEpoch)
        .putBoolean(isLast)
        .putDouble(searchLoss)
        .message(MessageKind.STATE_BEGINS, step);
  }

  static StateMark of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.STATE_BEGINS, message);
    StateMark mark =
        new StateMark(
            in.readInt("epoch", 0, Integer.MAX_VALUE),
            in.readLong(),
            in.readBoolean(),
            in.readDouble());
    in.end();
    return mark;
  }
}
