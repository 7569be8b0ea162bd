package org.backdraft.data;

import java.util.Arrays;
import java.util.Random;

/** Damage to a file as storage and attackers do it: bits, bytes, numbers, cuts, and more behind. */
public final class DamagedBytes {
  private static final int[] NUMBERS = {
    0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 16, 1 << 24, 0x7fff, 0x803, 0x801
  };

  private DamagedBytes() {}

  /**
   * A damaged copy.
   *
   * @param front how many of the first bytes are hit more often: a header
   */
  public static byte[] of(byte[] whole, int front, Random random) {
    byte[] bytes = whole.clone();
    for (int i = random.nextInt(3); i >= 0 && bytes.length > 0; i--) {
      int span = random.nextBoolean() ? Math.min(front, bytes.length) : bytes.length;
      int at = random.nextInt(span);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> putInt(bytes, at, NUMBERS[random.nextInt(NUMBERS.length)]);
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        default -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(40));
      }
    }
    return bytes;
  }

  /** Big-endian, as far as there is room. */
  private static void putInt(byte[] bytes, int at, int value) {
    for (int i = 0; i < 4 && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >>> (24 - 8 * i));
    }
  }
}
