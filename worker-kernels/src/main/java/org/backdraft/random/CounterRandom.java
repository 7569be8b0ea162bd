package org.backdraft.random;

/**
 * Counter-based random numbers: a pure function of (key, stream, index), never of who asks or in
 * which order.
 *
 * <p>Philox4x32-10 (Salmon et al. 2011, <em>Parallel random numbers: as easy as 1, 2, 3</em>). The
 * key is made from (seed, epoch, operation); the counter is (index, stream), where a stream is an
 * example's id or a tensor's number.
 */
public final class CounterRandom {
  private CounterRandom() {}

  /** The key of one operation (a layer, the shuffle, an initialiser) in one epoch. */
  public static long key(long seed, long epoch, long operation) {
    return mix(mix(mix(seed) + epoch) + operation);
  }

  /** 32 random bits at {@code (key, stream, index)}: word {@code index mod 4} of a Philox block. */
  public static int bits(long key, long stream, long index) {
    long block = index >>> 2;
    int c0 = (int) block;
    int c1 = (int) (block >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < 10; round++) {
      long p0 = (c0 & 0xFFFFFFFFL) * 0xD2511F53L;
      long p1 = (c2 & 0xFFFFFFFFL) * 0xCD9E8D57L;
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return switch ((int) index & 3) {
      case 0 -> c0;
      case 1 -> c1;
      case 2 -> c2;
      default -> c3;
    };
  }

  /** A float in [0, 1), a multiple of 2^−24, from {@link #bits}. */
  public static float uniform(long key, long stream, long index) {
    return (bits(key, stream, index) >>> 8) * 0x1p-24f;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014) after its additive constant. */
  private static long mix(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
