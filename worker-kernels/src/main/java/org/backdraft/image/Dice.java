package org.backdraft.image;

import org.backdraft.random.CounterRandom;

/**
 * The random numbers of one step for one picture, in the order in which they are asked for: a
 * function of (seed, epoch, example, step) alone. Used by one thread.
 */
final class Dice {
  private long key;
  private long stream;
  private long index;

  /**
   * Begins anew.
   *
   * @param key of seed, epoch and step
   * @param example its id
   */
  void roll(long key, long example) {
    this.key = key;
    this.stream = example;
    index = 0;
  }

  /** In [low, high). */
  float between(float low, float high) {
    return low + (high - low) * CounterRandom.uniform(key, stream, index++);
  }

  /** A whole number in [0, bound). */
  int below(int bound) {
    return (int) (((CounterRandom.bits(key, stream, index++) & 0xffff_ffffL) * bound) >>> 32);
  }

  /**
   * Normally distributed with mean 0 and deviation 1: the polar method of Marsaglia and Bray 1964,
   * without a cosine, for which {@code StrictMath} allocates.
   */
  float normal() {
    while (true) {
      float u = between(-1, 1);
      float v = between(-1, 1);
      double square = (double) u * u + (double) v * v;
      if (square > 0 && square < 1) {
        return (float) (u * StrictMath.sqrt(-2 * StrictMath.log(square) / square));
      }
    }
  }

  /** Fills {@code [0, length)} with random bits; the next numbers come after them. */
  void fill(int[] words, int length) {
    index = (index + 3) & ~3L; // blocks of four are the cheapest
    CounterRandom.fill(key, stream, index, words, 0, length);
    index += length;
  }
}
