package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.BITS;
import static org.backdraft.kernel.SimdSpecies.INTS;
import static org.backdraft.kernel.SimdSpecies.LONGS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import org.backdraft.random.CounterRandom;

/**
 * The SIMD twin of {@link CounterRandom#fill}: as many Philox blocks at once as a vector has lanes.
 *
 * <p>The high half of a 32 by 32 bit product has no vector form, so it is put together from
 * products of 16-bit halves; with a = (ah, al) and M = (mh, ml)
 *
 * <pre>
 *   u = ah·ml + (al·ml >>> 16)
 *   v = al·mh + (u & 0xffff)
 *   high = ah·mh + (u >>> 16) + (v >>> 16)
 * </pre>
 *
 * where no sum passes 32 bits.
 */
final class SimdPhilox {
  /** Of two longs C2 has no rearrangement, and four blocks at once gain nothing. */
  private static final boolean IS_WIDE = BITS > 128;

  /** Words that one round of vectors gives: four of each lane's block. */
  private static final int WORDS = 4 * WIDTH;

  /** With fewer words to go than this the scalar generator is the faster one. */
  private static final int FEWEST_WORDS = WORDS / 2;

  private static final int HALF = 0xffff;
  private static final long LOW_WORD = 0xFFFFFFFFL;

  private static final int M0 = (int) CounterRandom.MULTIPLIER_0;
  private static final int M0_LOW = M0 & HALF;
  private static final int M0_HIGH = M0 >>> 16;
  private static final int M1 = (int) CounterRandom.MULTIPLIER_1;
  private static final int M1_LOW = M1 & HALF;
  private static final int M1_HIGH = M1 >>> 16;

  /** Lane 2j works on block j and lane 2j + 1 on block WIDTH / 2 + j; so pairs of words line up. */
  private static final int[] LANE_BLOCKS = laneBlocks();

  private static final VectorShuffle<Long> FIRST_HALF = VectorShuffle.fromOp(LONGS, i -> i / 2);
  private static final VectorShuffle<Long> SECOND_HALF =
      VectorShuffle.fromOp(LONGS, i -> LONGS.length() / 2 + i / 2);
  private static final VectorMask<Long> ODD = VectorMask.fromArray(LONGS, oddLanes(), 0);

  private SimdPhilox() {}

  private static int[] laneBlocks() {
    int[] blocks = new int[WIDTH];
    for (int lane = 0; lane < WIDTH; lane++) {
      blocks[lane] = (lane & 1) * (WIDTH / 2) + lane / 2;
    }
    return blocks;
  }

  private static boolean[] oddLanes() {
    boolean[] odd = new boolean[LONGS.length()];
    for (int lane = 1; lane < odd.length; lane += 2) {
      odd[lane] = true;
    }
    return odd;
  }

  /** The length of an array that {@link #fill} can write {@code length} words to. */
  static int room(int length) {
    return length + WORDS;
  }

  /**
   * {@code words[i] = CounterRandom.bits(key, stream, 4 · block + i)} for i in {@code [0, length)};
   * what lies behind them is overwritten.
   *
   * @param words of at least {@link #room} elements
   */
  static void fill(long key, long stream, long block, int[] words, int length) {
    int i = 0;
    for (; IS_WIDE && i + FEWEST_WORDS <= length; i += WORDS) {
      long first = block + i / 4;
      if ((first & LOW_WORD) + WIDTH <= LOW_WORD) {
        blocks(key, stream, first, words, i);
      } else { // a carry into the counter's second word
        CounterRandom.fill(key, stream, 4 * first, words, i, WORDS);
      }
    }
    if (i < length) {
      CounterRandom.fill(key, stream, 4 * block + i, words, i, length - i);
    }
  }

  /** The blocks {@code [block, block + WIDTH)}, whose numbers share the high half. */
  private static void blocks(long key, long stream, long block, int[] words, int at) {
    IntVector c0 = IntVector.fromArray(INTS, LANE_BLOCKS, 0).add((int) block);
    IntVector c1 = IntVector.broadcast(INTS, (int) (block >>> 32));
    IntVector c2 = IntVector.broadcast(INTS, (int) stream);
    IntVector c3 = IntVector.broadcast(INTS, (int) (stream >>> 32));
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < CounterRandom.ROUNDS; round++) {
      IntVector low = c0.and(HALF);
      IntVector high = c0.lanewise(VectorOperators.LSHR, 16);
      IntVector u = high.mul(M0_LOW).add(low.mul(M0_LOW).lanewise(VectorOperators.LSHR, 16));
      IntVector v = low.mul(M0_HIGH).add(u.and(HALF));
      IntVector high0 =
          high.mul(M0_HIGH)
              .add(u.lanewise(VectorOperators.LSHR, 16))
              .add(v.lanewise(VectorOperators.LSHR, 16));
      IntVector low0 = c0.mul(M0);
      low = c2.and(HALF);
      high = c2.lanewise(VectorOperators.LSHR, 16);
      u = high.mul(M1_LOW).add(low.mul(M1_LOW).lanewise(VectorOperators.LSHR, 16));
      v = low.mul(M1_HIGH).add(u.and(HALF));
      IntVector high1 =
          high.mul(M1_HIGH)
              .add(u.lanewise(VectorOperators.LSHR, 16))
              .add(v.lanewise(VectorOperators.LSHR, 16));
      IntVector low1 = c2.mul(M1);
      c0 = high1.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.XOR, k0);
      c1 = low1;
      c2 = high0.lanewise(VectorOperators.XOR, c3).lanewise(VectorOperators.XOR, k1);
      c3 = low0;
      k0 += CounterRandom.WEYL_0;
      k1 += CounterRandom.WEYL_1;
    }
    // Words 0, 1 and words 2, 3 of a block as longs, which then alternate.
    LongVector w0 = c0.reinterpretAsLongs();
    LongVector w1 = c1.reinterpretAsLongs();
    LongVector w2 = c2.reinterpretAsLongs();
    LongVector w3 = c3.reinterpretAsLongs();
    LongVector front = w0.and(LOW_WORD).or(w1.lanewise(VectorOperators.LSHL, 32));
    LongVector back = w2.and(LOW_WORD).or(w3.lanewise(VectorOperators.LSHL, 32));
    front
        .rearrange(FIRST_HALF)
        .blend(back.rearrange(FIRST_HALF), ODD)
        .reinterpretAsInts()
        .intoArray(words, at);
    front
        .rearrange(SECOND_HALF)
        .blend(back.rearrange(SECOND_HALF), ODD)
        .reinterpretAsInts()
        .intoArray(words, at + WIDTH);
    front = w0.lanewise(VectorOperators.LSHR, 32).or(w1.and(~LOW_WORD));
    back = w2.lanewise(VectorOperators.LSHR, 32).or(w3.and(~LOW_WORD));
    front
        .rearrange(FIRST_HALF)
        .blend(back.rearrange(FIRST_HALF), ODD)
        .reinterpretAsInts()
        .intoArray(words, at + 2 * WIDTH);
    front
        .rearrange(SECOND_HALF)
        .blend(back.rearrange(SECOND_HALF), ODD)
        .reinterpretAsInts()
        .intoArray(words, at + 3 * WIDTH);
  }
}
