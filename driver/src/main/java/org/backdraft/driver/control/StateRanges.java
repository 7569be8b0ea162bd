package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * Ranges of all parameters whose state a rank wants.
 *
 * @param begins the first element of each
 * @param ends one past the last element of each
 * @param firstSlot the first array that is wanted of them
 * @param endSlot one past the last array
 */
public record StateRanges(int[] begins, int[] ends, int firstSlot, int endSlot) {
  Message toMessage() {
    return new PayloadWriter(16 + 8 * begins.length)
        .putInts(begins)
        .putInts(ends)
        .putInt(firstSlot)
        .putInt(endSlot)
        .message(MessageKind.STATE_WANTED, 0);
  }

  static StateRanges of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.STATE_WANTED, message);
    int[] begins = in.readInts();
    int[] ends = in.readInts();
    int firstSlot = in.readInt("first slot", 0, Integer.MAX_VALUE);
    int endSlot = in.readInt("end of slots", firstSlot, Integer.MAX_VALUE);
    in.end();
    if (begins.length != ends.length) {
      throw new IOException(
          "Ranges must have as many ends as begins: got %d and %d."
              .formatted(ends.length, begins.length));
    }
    for (int i = 0; i < begins.length; i++) {
      if (begins[i] < 0 || begins[i] > ends[i]) {
        throw new IOException(
            "A range must not end before it begins: got [%d, %d).".formatted(begins[i], ends[i]));
      }
    }
    return new StateRanges(begins, ends, firstSlot, endSlot);
  }
}
