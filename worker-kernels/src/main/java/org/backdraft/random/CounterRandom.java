package org.backdraft.random;

/**
 * Counter-based random numbers: a pure function of (key, stream, index), never of who asks or in
 * which order.
 *
 * <p>Philox4x32-10 (Salmon et al. 2011, <em>Parallel random numbers: as easy as 1, 2, 3</em>, §2
 * and table 2). The key is made from (seed, epoch, operation); the counter is (index / 4, stream),
 * where a stream is an example's id or a tensor's number. A block of the generator gives four
 * words: who needs many neighbours asks for them together ({@link #fill}, {@link #atLeast}) and
 * pays once per four.
 *
 * <p>Words of a block in order c0 … c3; counter words 0 and 1 are the low and high half of index /
 * 4, words 2 and 3 those of the stream; key words 0 and 1 the low and high half of the key.
 */
public final class CounterRandom {
  /** Rounds of a block. */
  public static final int ROUNDS = 10;

  /** What word 0 is multiplied with in each round. */
  public static final long MULTIPLIER_0 = 0xD2511F53L;

  /** What word 2 is multiplied with in each round. */
  public static final long MULTIPLIER_1 = 0xCD9E8D57L;

  /** What key word 0 grows by from round to round. */
  public static final int WEYL_0 = 0x9E3779B9;

  /** What key word 1 grows by from round to round. */
  public static final int WEYL_1 = 0xBB67AE85;

  /** How many low bits of {@link #bits} a {@link #uniform} number does not use. */
  public static final int UNUSED_BITS = 8;

  private static final long LOW_WORD = 0xFFFFFFFFL;

  private CounterRandom() {}

  /** The key of one operation (a layer, the shuffle, an initialiser) in one epoch. */
  public static long key(long seed, long epoch, long operation) {
    return mix(mix(mix(seed) + epoch) + operation);
  }

  /** 32 random bits at {@code (key, stream, index)}: word {@code index mod 4} of a Philox block. */
  public static int bits(long key, long stream, long index) {
    long counter = index >>> 2;
    int c0 = (int) counter;
    int c1 = (int) (counter >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = (c0 & LOW_WORD) * MULTIPLIER_0;
      long product1 = (c2 & LOW_WORD) * MULTIPLIER_1;
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
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
    return (bits(key, stream, index) >>> UNUSED_BITS) * 0x1p-24f;
  }

  /**
   * {@code words[base + i] = bits(key, stream, first + i)} for i in {@code [0, length)}, at a
   * quarter of the cost.
   *
   * @param first at least 0
   */
  public static void fill(long key, long stream, long first, int[] words, int base, int length) {
    int i = 0;
    for (; i < length && ((first + i) & 3) != 0; i++) {
      words[base + i] = bits(key, stream, first + i);
    }
    for (; i + 4 <= length; i += 4) {
      block(key, stream, (first + i) >>> 2, words, base + i);
    }
    for (; i < length; i++) {
      words[base + i] = bits(key, stream, first + i);
    }
  }

  /**
   * The integer n for which {@code uniform(…) >= rate} is {@code bits(…) >>> UNUSED_BITS >= n}.
   *
   * @param rate in [0, 1]
   */
  public static int threshold(float rate) {
    // uniform() = m · 2^-24 with an integer m, and rate · 2^24 is exact: compare integers.
    return (int) StrictMath.ceil(rate * 0x1p24);
  }

  /**
   * Four comparisons at once: bit w of the result (0 … 3) says whether {@code uniform(key, stream,
   * 4 · block + w) >= rate}.
   *
   * @param rate in [0, 1]
   */
  public static int atLeast(long key, long stream, long block, float rate) {
    int threshold = threshold(rate);
    int c0 = (int) block;
    int c1 = (int) (block >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = (c0 & LOW_WORD) * MULTIPLIER_0;
      long product1 = (c2 & LOW_WORD) * MULTIPLIER_1;
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return bit(c0, threshold)
        | bit(c1, threshold) << 1
        | bit(c2, threshold) << 2
        | bit(c3, threshold) << 3;
  }

  private static int bit(int word, int threshold) {
    return word >>> UNUSED_BITS >= threshold ? 1 : 0;
  }

  /** The four words of one block, at {@code words[base …]}. */
  static void block(long key, long stream, long block, int[] words, int base) {
    int c0 = (int) block;
    int c1 = (int) (block >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = (c0 & LOW_WORD) * MULTIPLIER_0;
      long product1 = (c2 & LOW_WORD) * MULTIPLIER_1;
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    words[base] = c0;
    words[base + 1] = c1;
    words[base + 2] = c2;
    words[base + 3] = c3;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014) after its additive constant. */
  private static long mix(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
