package org.backdraft.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.backdraft.tensor.ActivationLayout;

/**
 * The vectors that the SIMD kernels compute with: the widest that the processor likes, at most the
 * 16 lanes of a panel. C2 needs them as constants.
 *
 * <p>One species of floats, and no other anywhere: C2 of JDK 17 goes by the classes of vectors that
 * a JVM has seen, and boxes the vectors of all kernels once it has seen two of floats.
 */
final class SimdSpecies {
  private static final int MOST_BITS = Kernels.LANES * Float.SIZE;

  static final int BITS = Math.min(MOST_BITS, FloatVector.SPECIES_PREFERRED.vectorBitSize());

  static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(BITS));

  /** Floats of one vector: 16, 8 or 4. */
  static final int WIDTH = FLOATS.length();

  /** As many integers as floats. */
  static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(BITS));

  /** As many shorts as floats. */
  static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(BITS / 2));

  /** At least as many bytes as floats. */
  static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, BITS / 4)));

  private SimdSpecies() {}

  /**
   * How many lanes of each pixel go in whole vectors where pixels of one layout are worked on with
   * those of another: padding lanes too if both have them.
   */
  static int channelLanes(ActivationLayout input, ActivationLayout output) {
    int rounded = (output.channels() + WIDTH - 1) / WIDTH * WIDTH;
    boolean padded = input.pitch() >= rounded && output.pitch() >= rounded;
    return padded ? rounded : wholeVectors(output.channels());
  }

  /** The largest multiple of {@link #WIDTH} that is at most {@code length}. */
  static int wholeVectors(int length) {
    return length & -WIDTH;
  }
}
