package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.Leaves;

/**
 * Reduce-scatter for any world size N in which a rank talks to its two neighbours alone. <b>Not
 * exact</b>: each chunk is added in another rotation of the ranks, so the bits depend on N and on
 * where the chunks lie. Runs of one world size and one division into ranges repeat their bits.
 *
 * <p><b>Communication steps</b>: N−1, each for as many pieces as a chunk has. <b>Bytes on the
 * wire</b>, sent per rank for S bytes: S·(N−1)/N. <b>Additions</b>: n·(s_r−1) to fold the rank's
 * own subtrees, then n·(N−1)/N. <b>Scratch</b>: a piece.
 *
 * <p><b>Source</b>: Patarasuk and Yuan 2009, <em>Bandwidth optimal all-reduce algorithms for
 * clusters of workstations</em>, §4.
 */
final class RingReduceScatter implements ReduceScatter {
  private final Transport transport;
  private final Adder adder;
  private final Ownership chunks;
  private final int piece;
  private float[] scratch = {};

  RingReduceScatter(Transport transport, Adder adder, Ownership chunks, int piece) {
    this.transport = transport;
    this.adder = adder;
    this.chunks = chunks;
    this.piece = piece;
  }

  @Override
  public void plan(Leaves leaves) {
    // The ring adds ranks, not leaves.
  }

  @Override
  public void run(float[][] sums, int begin, int end, long step) throws CollectiveException {
    for (int i = 1; i < sums.length && end > begin; i++) {
      adder.add(sums[0], begin, sums[i], begin, end - begin);
    }
    int rank = transport.context().rank();
    int worldSize = transport.context().worldSize();
    // Chunk c starts at rank c + 1 and ends, added N-1 times, at rank c.
    for (int k = 1; k < worldSize; k++) {
      int sent = (rank - k + worldSize) % worldSize;
      int received = (rank - k - 1 + worldSize) % worldSize;
      int from = chunks.begin(sent, begin, end);
      int into = chunks.begin(received, begin, end);
      int sentLength = chunks.end(sent, begin, end) - from;
      int receivedLength = chunks.end(received, begin, end) - into;
      pass(sums[0], from, sentLength, into, receivedLength, step);
    }
  }

  private void pass(
      float[] values, int from, int sentLength, int into, int receivedLength, long step)
      throws CollectiveException {
    int rank = transport.context().rank();
    int worldSize = transport.context().worldSize();
    if (scratch.length < Math.min(piece, receivedLength)) {
      scratch = new float[Math.min(piece, receivedLength)];
    }
    for (long at = 0; at < Math.max(sentLength, receivedLength); at += piece) {
      int offset = (int) at;
      int sent = Math.min(piece, sentLength - offset);
      if (sent > 0) {
        transport.send((rank + 1) % worldSize, step, values, from + offset, from + offset + sent);
      }
      int received = Math.min(piece, receivedLength - offset);
      if (received > 0) {
        transport.receive((rank - 1 + worldSize) % worldSize, step, scratch, 0, received);
      }
      transport.await("reduce-scatter");
      if (received > 0) {
        adder.add(values, into + offset, scratch, 0, received);
      }
    }
  }
}
