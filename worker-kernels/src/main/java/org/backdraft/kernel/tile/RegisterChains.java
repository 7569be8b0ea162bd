package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The loop of the measurement of the peak; loaded only where the vector module is there. */
public final class RegisterChains {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int LENGTH = 4096;

  private RegisterChains() {}

  /** Floating-point operations of a {@link #run}. */
  public static double operations() {
    return 2.0 * CHAINS * LENGTH * SPECIES.length();
  }

  /**
   * Twelve chains of {@code c = c · 0.5 + 0.25}: as many as hide the latency of two FMA units, few
   * enough for the sixteen registers of AVX2 with both constants.
   */
  public static float run(float start) {
    FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector quarter = FloatVector.broadcast(SPECIES, 0.25f);
    FloatVector c0 = FloatVector.broadcast(SPECIES, start);
    FloatVector c1 = c0.add(quarter);
    FloatVector c2 = c1.add(quarter);
    FloatVector c3 = c2.add(quarter);
    FloatVector c4 = c3.add(quarter);
    FloatVector c5 = c4.add(quarter);
    FloatVector c6 = c5.add(quarter);
    FloatVector c7 = c6.add(quarter);
    FloatVector c8 = c7.add(quarter);
    FloatVector c9 = c8.add(quarter);
    FloatVector c10 = c9.add(quarter);
    FloatVector c11 = c10.add(quarter);
    for (int i = 0; i < LENGTH; i++) {
      c0 = c0.fma(half, quarter);
      c1 = c1.fma(half, quarter);
      c2 = c2.fma(half, quarter);
      c3 = c3.fma(half, quarter);
      c4 = c4.fma(half, quarter);
      c5 = c5.fma(half, quarter);
      c6 = c6.fma(half, quarter);
      c7 = c7.fma(half, quarter);
      c8 = c8.fma(half, quarter);
      c9 = c9.fma(half, quarter);
      c10 = c10.fma(half, quarter);
      c11 = c11.fma(half, quarter);
    }
    FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    sum = sum.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11);
    return sum.reduceLanes(VectorOperators.ADD) / (CHAINS * SPECIES.length());
  }
}
