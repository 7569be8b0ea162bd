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

/** Dropout in two short passes over pieces that stay in L1: random words, then the choice. */
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
    int[] words = scratch.get().ints(SimdPhilox.room(VectorScratch.BLOCK + 3));
    int threshold = CounterRandom.threshold(rate);
    float kept = 1f - rate;
    for (int done = 0; done < length; done += VectorScratch.BLOCK) {
      int piece = Math.min(VectorScratch.BLOCK, length - done);
      long element = first + done;
      int skipped = (int) element & 3;
      SimdPhilox.fill(key, stream, element >>> 2, words, skipped + piece);
      choose(words, skipped, threshold, kept, x, xBase + done, y, yBase + done, piece);
    }
  }

  private static void choose(
      int[] words,
      int wordsBase,
      int threshold,
      float kept,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length) {
    int whole = wholeVectors(length);
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < whole; i += WIDTH) {
      VectorMask<Integer> isKept =
          IntVector.fromArray(INTS, words, wordsBase + i)
              .lanewise(VectorOperators.LSHR, CounterRandom.UNUSED_BITS)
              .compare(VectorOperators.GE, threshold);
      FloatVector scaled = FloatVector.fromArray(FLOATS, x, xBase + i).div(kept);
      zero.blend(scaled, isKept.cast(FLOATS)).intoArray(y, yBase + i);
    }
    for (int i = whole; i < length; i++) {
      boolean isKept = words[wordsBase + i] >>> CounterRandom.UNUSED_BITS >= threshold;
      y[yBase + i] = isKept ? x[xBase + i] / kept : 0f;
    }
  }
}
