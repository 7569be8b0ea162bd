package org.backdraft.comm.algorithm;

/**
 * The ways of {@link ExactAllReduce}. All give the same bits; they differ in messages, connections
 * and who owns what.
 */
public enum ExactAlgorithm {
  /** Recursive halving, then doubling: N must be a power of two. */
  HALVING_DOUBLING(true),
  /** Recursive halving, then a ring: N must be a power of two. */
  HALVING_RING(true),
  /** Nodes straight to the owner, sums straight to all: any N, few steps, many messages. */
  DIRECT(false),
  /** Nodes straight to the owner, then a ring: any N. */
  DIRECT_RING(false);

  private final boolean needsPowerOfTwo;

  ExactAlgorithm(boolean needsPowerOfTwo) {
    this.needsPowerOfTwo = needsPowerOfTwo;
  }

  /** Whether this way works for that many ranks. */
  public boolean fits(int worldSize) {
    return !needsPowerOfTwo || Integer.bitCount(worldSize) == 1;
  }

  /** What is used unless told otherwise: halving and doubling where it fits, else direct. */
  public static ExactAlgorithm defaultFor(int worldSize) {
    return HALVING_DOUBLING.fits(worldSize) ? HALVING_DOUBLING : DIRECT;
  }
}
