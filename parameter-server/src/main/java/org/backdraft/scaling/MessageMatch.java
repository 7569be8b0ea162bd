package org.backdraft.scaling;

/**
 * Finds the receive of each message: the i-th that a rank posts for a peer gets the i-th message
 * that the peer sends there. Both are sorted by receiver, sender and the order of posting, and then
 * lie side by side.
 */
final class MessageMatch {
  private final int worldSize;
  private final int[] senders; // by receive
  private final int[] receivers;
  private final int[] lengths;
  private final int[] rounds;
  private int count;

  MessageMatch(int worldSize, int receives) {
    this.worldSize = worldSize;
    senders = new int[receives];
    receivers = new int[receives];
    lengths = new int[receives];
    rounds = new int[receives];
  }

  /** The next receive of {@code receiver}; ranks one after the other. */
  void await(int receiver, int sender, int length, int round) {
    senders[count] = sender;
    receivers[count] = receiver;
    lengths[count] = length;
    rounds[count++] = round;
  }

  /**
   * The round that each message is awaited in.
   *
   * @param from the sender of each message, ascending; those of a sender in the order of posting
   * @param to the receiver of each
   * @param floats the length of each
   * @throws IllegalStateException if a message is not awaited, or one is awaited that nobody sends
   */
  int[] roundsOf(int[] from, int[] to, int[] floats) {
    if (from.length != count) {
      throw new IllegalStateException(
          "Each message must be awaited once: got %d messages and %d receives."
              .formatted(from.length, count));
    }
    int[] sends = sorted(inOrder(), to);
    int[] receives = sorted(sorted(inOrder(), senders), receivers);
    int[] result = new int[count];
    for (int i = 0; i < count; i++) {
      int send = sends[i];
      int receive = receives[i];
      if (from[send] != senders[receive]
          || to[send] != receivers[receive]
          || floats[send] != lengths[receive]) {
        throw new IllegalStateException(
            "A receive must fit its message: %d floats from rank %d to %d, against %d from %d to %d."
                .formatted(
                    floats[send],
                    from[send],
                    to[send],
                    lengths[receive],
                    senders[receive],
                    receivers[receive]));
      }
      result[send] = rounds[receive];
    }
    return result;
  }

  private int[] inOrder() {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    return order;
  }

  /** A stable counting sort of {@code order} by rank. */
  private int[] sorted(int[] order, int[] rankOf) {
    int[] next = new int[worldSize + 1];
    for (int each : order) {
      next[rankOf[each] + 1]++;
    }
    for (int rank = 0; rank < worldSize; rank++) {
      next[rank + 1] += next[rank];
    }
    int[] result = new int[order.length];
    for (int each : order) {
      result[next[rankOf[each]]++] = each;
    }
    return result;
  }
}
