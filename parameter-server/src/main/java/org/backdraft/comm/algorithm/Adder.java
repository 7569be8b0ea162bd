package org.backdraft.comm.algorithm;

/**
 * The arithmetic of a reduction, injected so that this package needs no kernels: {@code
 * MatrixKernels::add} fits.
 */
@FunctionalInterface
public interface Adder {
  /** {@code target[targetBase + i] += source[sourceBase + i]} for {@code length} elements. */
  void add(float[] target, int targetBase, float[] source, int sourceBase, int length);
}
