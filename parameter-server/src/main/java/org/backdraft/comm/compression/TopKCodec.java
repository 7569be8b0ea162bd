package org.backdraft.comm.compression;

import java.util.Arrays;

/**
 * The k values of largest magnitude with their places, k = ⌈fraction·n⌉; all others count as zero.
 * Of equal magnitudes the earlier ones are taken, so the choice is the same everywhere.
 *
 * <p>The smallest magnitude that is taken is found by its bits, from the highest: three counts of
 * all values by 11, 10 and 10 bits, whatever their distribution.
 *
 * <p><b>Size</b>: 2·k floats: the places in ascending order, as integers, then the values.
 *
 * <p><b>Source</b>: Aji and Heafield 2017, <em>Sparse communication for distributed gradient
 * descent</em>; Stich, Cordonnier and Jaggi 2018, <em>Sparsified SGD with memory</em>. The k of
 * each run that is encoded, not of the whole gradient, are our departure: runs keep shares of their
 * own.
 */
final class TopKCodec implements Codec {
  private static final int MAGNITUDE = 0x7fffffff;

  private final double fraction;
  private final int[] counts = new int[1 << 11];

  /**
   * @param fraction of the values that are sent, in (0, 0.5)
   */
  TopKCodec(double fraction) {
    this.fraction = fraction;
  }

  @Override
  public int encodedLength(int length) {
    return 2 * taken(length);
  }

  private int taken(int length) {
    return (int) Math.ceil(fraction * length);
  }

  @Override
  public void encode(float[] values, int begin, int length, float[] encoded, int at) {
    int k = taken(length);
    int least = 0; // the bits of the least magnitude that is taken, as far as they are known
    int missing = k; // of the values whose known bits are those of `least`, so many are taken
    for (int shift = 20; shift >= 0; shift -= 10) {
      count(values, begin, length, shift, least);
      int digit = counts.length - 1;
      while (counts[digit] < missing) {
        missing -= counts[digit];
        digit--;
      }
      least |= digit << shift;
    }
    int taken = 0;
    for (int i = 0; taken < k; i++) {
      int magnitude = Float.floatToRawIntBits(values[begin + i]) & MAGNITUDE;
      if (magnitude > least || (magnitude == least && missing-- > 0)) {
        encoded[at + taken] = Float.intBitsToFloat(i);
        encoded[at + k + taken] = values[begin + i];
        taken++;
      }
    }
  }

  /** Counts by their digit at {@code shift} the values whose higher bits are those of known. */
  private void count(float[] values, int begin, int length, int shift, int known) {
    Arrays.fill(counts, 0);
    if (shift == 20) {
      for (int i = begin; i < begin + length; i++) {
        counts[(Float.floatToRawIntBits(values[i]) & MAGNITUDE) >>> 20]++;
      }
      return;
    }
    int prefix = known >>> (shift + 10);
    for (int i = begin; i < begin + length; i++) {
      int magnitude = Float.floatToRawIntBits(values[i]) & MAGNITUDE;
      if (magnitude >>> (shift + 10) == prefix) {
        counts[(magnitude >>> shift) & 0x3ff]++;
      }
    }
  }

  @Override
  public void addDecoded(
      float[] encoded, int at, float[] target, int begin, int length, float sign) {
    int k = taken(length);
    for (int j = 0; j < k; j++) {
      int place = Float.floatToRawIntBits(encoded[at + j]);
      if (place < 0 || place >= length) {
        throw new IllegalArgumentException(
            "A place in a top-k form must lie in [0, %d): got %d.".formatted(length, place));
      }
      target[begin + place] += sign * encoded[at + k + j];
    }
  }

  @Override
  public boolean needsFeedback() {
    return true;
  }
}
