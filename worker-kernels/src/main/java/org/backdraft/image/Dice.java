package org.backdraft.image;

import org.backdraft.random.CounterRandom;

/**
 * The random numbers of one step for one picture, in the order in which they are asked for: a
 * function of (seed, epoch, example, step) alone. Used by one thread.
 */
public final class Dice {
  private long key;
  private long stream;
  private long index;

  /**
   * Begins anew.
   *
   * @param key of seed, epoch and step
   * @param example its id, or what else numbers belong to
   */
  public void roll(long key, long example) {
    this.key = key;
    this.stream = example;
    index = 0;
  }

  /** In [low, high). */
  float between(float low, float high) {
    return low + (high - low) * CounterRandom.uniform(key, stream, index++);
  }

  /** A whole number in [0, bound). */
  public int below(int bound) {
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

  /**
   * From the beta distribution whose parameters are both {@code alpha}: in [0, 1], with mean ½. It
   * is the share of one of two gamma variates in their sum.
   *
   * @param alpha above 0
   */
  public float beta(float alpha) {
    // By their logarithms: with a small alpha both may be too small for a double.
    double first = logGamma(alpha);
    double second = logGamma(alpha);
    return (float) (1 / (1 + StrictMath.exp(second - first)));
  }

  /** The logarithm of a gamma variate of scale 1: Marsaglia and Tsang 2000, sections 2 and 6. */
  private double logGamma(double shape) {
    boolean isSmall = shape < 1;
    double d = (isSmall ? shape + 1 : shape) - 1.0 / 3;
    double c = 1 / StrictMath.sqrt(9 * d);
    while (true) {
      double x = normal();
      double root = 1 + c * x;
      if (root > 0) {
        double v = root * root * root;
        double logV = StrictMath.log(v);
        if (logUniform() < x * x / 2 + d - d * v + d * logV) {
          double log = StrictMath.log(d) + logV;
          return isSmall ? log + logUniform() / shape : log;
        }
      }
    }
  }

  /** Of a number inside of (0, 1). */
  private double logUniform() {
    return StrictMath.log(between(0, 1) + 0x1p-25);
  }

  /** Fills {@code [0, length)} with random bits; the next numbers come after them. */
  void fill(int[] words, int length) {
    index = (index + 3) & ~3L; // blocks of four are the cheapest
    CounterRandom.fill(key, stream, index, words, 0, length);
    index += length;
  }
}
