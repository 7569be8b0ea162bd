package org.backdraft.driver.sync;

/**
 * Doubles as floats that an all-reduce leaves exact: the 64 bits of each as four whole numbers
 * below 2^16, the highest first. 0 is four zeros.
 */
final class BlockSumsCode {
  /** Floats for one double. */
  static final int FLOATS = 4;

  private static final int BITS = Double.SIZE / FLOATS;
  private static final long MASK = (1L << BITS) - 1;

  private BlockSumsCode() {}

  /**
   * @param to written from 0, array after array
   */
  static void encode(double[][] numbers, float[] to) {
    int at = 0;
    for (double[] kind : numbers) {
      for (double number : kind) {
        long bits = Double.doubleToRawLongBits(number);
        for (int part = FLOATS - 1; part >= 0; part--) {
          to[at++] = (bits >>> (part * BITS)) & MASK;
        }
      }
    }
  }

  /** The reverse of {@link #encode}. */
  static void decode(float[] from, double[][] numbers) {
    int at = 0;
    for (double[] kind : numbers) {
      for (int i = 0; i < kind.length; i++) {
        long bits = 0;
        for (int part = 0; part < FLOATS; part++) {
          bits = (bits << BITS) | (long) from[at++];
        }
        kind[i] = Double.longBitsToDouble(bits);
      }
    }
  }
}
