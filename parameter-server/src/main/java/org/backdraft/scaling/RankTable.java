package org.backdraft.scaling;

import java.util.Arrays;
import java.util.BitSet;

/**
 * All that a rank exchanges in a step: rounds, each of which posts sends and receives, waits for
 * all of them, then adds. Some rounds have to wait at a {@link Gate} first. Grows as it is
 * recorded.
 */
final class RankTable {
  private static final int NOWHERE = -1;

  private int rounds;
  private int[] gates = new int[64];
  private int[] sendEnds = new int[64];
  private int[] receiveEnds = new int[64];
  private long[] added = new long[64]; // elements, after the round's wait
  private int sends;
  private int[] sendPeers = new int[64];
  private int[] sendLengths = new int[64];
  private int receives;
  private int[] receivePeers = new int[64];
  private int[] receiveLengths = new int[64];
  private final BitSet peers = new BitSet();

  /** A round that exchanges nothing, so that what follows it waits at {@code gate}. */
  void enter(int gate) {
    endRound();
    gates[rounds - 1] = gate;
  }

  void send(int peer, int length) {
    if (sends == sendPeers.length) {
      sendPeers = Arrays.copyOf(sendPeers, 2 * sends);
      sendLengths = Arrays.copyOf(sendLengths, 2 * sends);
    }
    sendPeers[sends] = peer;
    sendLengths[sends++] = length;
    peers.set(peer);
  }

  void receive(int peer, int length) {
    if (receives == receivePeers.length) {
      receivePeers = Arrays.copyOf(receivePeers, 2 * receives);
      receiveLengths = Arrays.copyOf(receiveLengths, 2 * receives);
    }
    receivePeers[receives] = peer;
    receiveLengths[receives++] = length;
    peers.set(peer);
  }

  /** All that was posted since the last round is waited for. */
  void endRound() {
    if (rounds == gates.length) {
      gates = Arrays.copyOf(gates, 2 * rounds);
      sendEnds = Arrays.copyOf(sendEnds, 2 * rounds);
      receiveEnds = Arrays.copyOf(receiveEnds, 2 * rounds);
      added = Arrays.copyOf(added, 2 * rounds);
    }
    gates[rounds] = NOWHERE;
    sendEnds[rounds] = sends;
    receiveEnds[rounds++] = receives;
  }

  /** Elements are added, after the last round and before what is posted next. */
  void add(int length) {
    added[rounds - 1] += length;
  }

  int rounds() {
    return rounds;
  }

  /** Where a round waits before it posts, or a negative number. */
  int gate(int round) {
    return gates[round];
  }

  int sendEnd(int round) {
    return sendEnds[round];
  }

  int receiveEnd(int round) {
    return receiveEnds[round];
  }

  long added(int round) {
    return added[round];
  }

  int sends() {
    return sends;
  }

  int sendPeer(int send) {
    return sendPeers[send];
  }

  int sendLength(int send) {
    return sendLengths[send];
  }

  int receives() {
    return receives;
  }

  int receivePeer(int receive) {
    return receivePeers[receive];
  }

  int receiveLength(int receive) {
    return receiveLengths[receive];
  }

  /** The ranks that it exchanges with. */
  int peers() {
    return peers.cardinality();
  }

  /** Bytes that it sends. */
  long sentBytes() {
    long elements = 0;
    for (int i = 0; i < sends; i++) {
      elements += sendLengths[i];
    }
    return elements * Float.BYTES;
  }

  /** Its size, in what the simulator handles one by one. */
  long entries() {
    return (long) rounds + sends + receives;
  }
}
