package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.Leaves;

/**
 * All-reduce of a short range for a world size N that is a power of two: at distance d = 1, 2, 4 …
 * a rank exchanges all it has with rank XOR d and adds what comes. Both then hold the sum of two
 * siblings, one node of the leaf tree, so the order of additions is the tree's.
 *
 * <p><b>Communication steps</b>: log2(N), half of those of halving and doubling. <b>Bytes on the
 * wire</b>, sent per rank for S bytes: S·log2(N). <b>Additions</b>: n·log2(N). <b>Scratch</b>: the
 * range. With α a message's latency and β a byte's time it is the faster way while S·β·(log2(N) −
 * 2·(N−1)/N) is below α·log2(N): at 50 µs and 25 Gb/s up to some 300 kB for N = 8.
 *
 * <p><b>Source</b>: the recursive doubling of Thakur, Rabenseifner and Gropp 2005, <em>Optimization
 * of collective communication operations in MPICH</em>, §4.
 */
final class DoublingSum implements ShortSum {
  private static final int MOST_ELEMENTS = 1 << 14;

  private final Transport transport;
  private final Adder adder;
  private final float[] scratch = new float[MOST_ELEMENTS];

  DoublingSum(Transport transport, Adder adder) {
    this.transport = transport;
    this.adder = adder;
  }

  @Override
  public void plan(Leaves leaves) {
    // Every rank holds one subtree, whatever the leaves are.
  }

  @Override
  public int mostElements() {
    return MOST_ELEMENTS;
  }

  @Override
  public void run(float[][] sums, int begin, int end, long step) throws CollectiveException {
    int rank = transport.context().rank();
    int worldSize = transport.context().worldSize();
    for (int distance = 1; distance < worldSize; distance *= 2) {
      transport.send(rank ^ distance, step, sums[0], begin, end);
      transport.receive(rank ^ distance, step, scratch, 0, end - begin);
      transport.await("all-reduce");
      adder.add(sums[0], begin, scratch, 0, end - begin);
    }
  }
}
