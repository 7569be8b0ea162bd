package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.INTS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.backdraft.random.CounterRandom;

/**
 * Dropout in two short passes over pieces that stay in L1: random words, then the choice. The words
 * come from the scalar generator: vectors made them in half the time, until C2 boxed all of them,
 * and next to the layers around it dropout takes no time either way.
 */
final class SimdDropout {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  /** As {@link PointwiseKernels#dropout}. */
  void run(
      float rate,
      long key,
      long stream,
      long first,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length) {
    int[] words = scratch.get().ints(VectorScratch.BLOCK);
    int threshold = CounterRandom.threshold(rate);
    float kept = 1f - rate;
    for (int done = 0; done < length; done += VectorScratch.BLOCK) {
      int piece = Math.min(VectorScratch.BLOCK, length - done);
      CounterRandom.fill(key, stream, first + done, words, 0, piece);
      choose(words, threshold, kept, x, xBase + done, y, yBase + done, piece);
    }
  }

  private static void choose(
      int[] words,
      int threshold,
      float kept,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length) {
    int whole = wholeVectors(length);
    IntVector zero = IntVector.zero(INTS);
    for (int i = 0; i < whole; i += WIDTH) {
      VectorMask<Integer> isKept =
          IntVector.fromArray(INTS, words, i)
              .lanewise(VectorOperators.LSHR, CounterRandom.UNUSED_BITS)
              .compare(VectorOperators.GE, threshold);
      FloatVector scaled = FloatVector.fromArray(FLOATS, x, xBase + i).div(kept);
      zero.blend(scaled.reinterpretAsInts(), isKept).reinterpretAsFloats().intoArray(y, yBase + i);
    }
    for (int i = whole; i < length; i++) {
      boolean isKept = words[i] >>> CounterRandom.UNUSED_BITS >= threshold;
      y[yBase + i] = isKept ? x[xBase + i] / kept : 0f;
    }
  }
}
