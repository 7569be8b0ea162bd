package org.backdraft.scaling;

/** The tables of all ranks, behind each other, and which round waits for each message. */
final class GangTables {
  private final int worldSize;
  private final int[] firstRounds; // by rank, then the number of all
  private final int[] gates; // by round, as what follows
  private final int[] sendEnds;
  private final int[] expected;
  private final double[] addedBytes;
  private final int[] senders; // by message, in the order of senders and posting
  private final int[] receivers;
  private final int[] lengths;
  private final int[] receivingRounds;
  private final long mostSentBytes;
  private final int mostPeers;

  /**
   * @param tables by rank; each is dropped from the array once it is copied, since all of them are
   *     large
   * @throws IllegalStateException if a message is not awaited, or one is awaited that nobody sends
   */
  GangTables(RankTable[] tables) {
    worldSize = tables.length;
    firstRounds = new int[worldSize + 1];
    int sends = 0;
    int receives = 0;
    long bytes = 0;
    int peers = 0;
    for (int rank = 0; rank < worldSize; rank++) {
      firstRounds[rank + 1] = Math.addExact(firstRounds[rank], tables[rank].rounds());
      sends = Math.addExact(sends, tables[rank].sends());
      receives = Math.addExact(receives, tables[rank].receives());
      bytes = Math.max(bytes, tables[rank].sentBytes());
      peers = Math.max(peers, tables[rank].peers());
    }
    mostSentBytes = bytes;
    mostPeers = peers;
    gates = new int[firstRounds[worldSize]];
    sendEnds = new int[gates.length];
    expected = new int[gates.length];
    addedBytes = new double[gates.length];
    senders = new int[sends];
    receivers = new int[sends];
    lengths = new int[sends];
    MessageMatch match = new MessageMatch(worldSize, receives);
    int message = 0;
    for (int rank = 0; rank < worldSize; rank++) {
      copyRounds(rank, tables[rank], message, match);
      copySends(rank, tables[rank], message);
      message += tables[rank].sends();
      tables[rank] = null;
    }
    receivingRounds = match.roundsOf(senders, receivers, lengths);
  }

  private void copyRounds(int rank, RankTable table, int firstMessage, MessageMatch match) {
    int receive = 0;
    for (int i = 0; i < table.rounds(); i++) {
      int round = firstRounds[rank] + i;
      gates[round] = table.gate(i);
      sendEnds[round] = firstMessage + table.sendEnd(i);
      expected[round] = table.receiveEnd(i) - receive;
      addedBytes[round] = (double) table.added(i) * Float.BYTES;
      for (; receive < table.receiveEnd(i); receive++) {
        match.await(rank, table.receivePeer(receive), table.receiveLength(receive), round);
      }
    }
  }

  private void copySends(int rank, RankTable table, int firstMessage) {
    for (int i = 0; i < table.sends(); i++) {
      senders[firstMessage + i] = rank;
      receivers[firstMessage + i] = table.sendPeer(i);
      lengths[firstMessage + i] = table.sendLength(i);
    }
  }

  int worldSize() {
    return worldSize;
  }

  /** The first round of a rank; for the number of ranks, the number of rounds. */
  int firstRound(int rank) {
    return firstRounds[rank];
  }

  int rounds() {
    return gates.length;
  }

  /** Where a round waits before it posts, or a negative number. */
  int gate(int round) {
    return gates[round];
  }

  /** The first message that a round sends. */
  int sendBegin(int round) {
    return round == 0 ? 0 : sendEnds[round - 1];
  }

  int sendEnd(int round) {
    return sendEnds[round];
  }

  /** How many messages a round waits for. */
  int expected(int round) {
    return expected[round];
  }

  /** Bytes that are added at the end of a round. */
  double addedBytes(int round) {
    return addedBytes[round];
  }

  int sender(int message) {
    return senders[message];
  }

  int receiver(int message) {
    return receivers[message];
  }

  double bytes(int message) {
    return (double) lengths[message] * Float.BYTES;
  }

  /** The round, of the receiver, that waits for a message. */
  int receivingRound(int message) {
    return receivingRounds[message];
  }

  /** Bytes that the rank sends that sends most. */
  long mostSentBytes() {
    return mostSentBytes;
  }

  /** Ranks that the one exchanges with that exchanges with most. */
  int mostPeers() {
    return mostPeers;
  }

  /** The size: rounds, sends and receives. */
  long entries() {
    return gates.length + 2L * senders.length;
  }
}
