package org.backdraft.kernel;

/**
 * A few kilobytes for each thread, where kernels put what lies between two passes. Long formulas
 * are cut into passes because C2 stops inlining past a number of nodes and then boxes vectors,
 * which costs a hundred times more than a pass over L1.
 *
 * <p>Threads: each sees its own arrays. What they hold is undefined until written.
 */
final class VectorScratch {
  /** Elements that long ranges are worked on at a time. */
  static final int BLOCK = 1024;

  private float[] floats = new float[BLOCK];
  private double[] doubles = new double[BLOCK];
  private int[] ints = new int[0];

  private VectorScratch() {}

  static ThreadLocal<VectorScratch> perThread() {
    return ThreadLocal.withInitial(VectorScratch::new);
  }

  /** At least {@code length} floats, and whole panels of them. */
  float[] floats(int length) {
    if (floats.length < length) {
      floats = new float[(length + Kernels.LANES - 1) / Kernels.LANES * Kernels.LANES];
    }
    return floats;
  }

  /** At least {@code length} doubles. */
  double[] doubles(int length) {
    if (doubles.length < length) {
      doubles = new double[length];
    }
    return doubles;
  }

  /** At least {@code length} integers. */
  int[] ints(int length) {
    if (ints.length < length) {
      ints = new int[length];
    }
    return ints;
  }
}
