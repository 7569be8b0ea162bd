package org.backdraft.kernel;

import java.util.SplittableRandom;

/**
 * Seeded arrays for tests; the seed comes from {@code -Dtests.seed} and belongs in each message.
 */
final class RandomValues {
  private static final float[] SPECIAL = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    -0f,
    0f,
    Float.MIN_VALUE,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -88.5f,
    104f
  };

  private final long seed;
  private final SplittableRandom random;

  private RandomValues(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  static RandomValues fromProperty() {
    String seed = System.getProperty("tests.seed");
    return new RandomValues(seed == null ? System.nanoTime() : Long.parseLong(seed));
  }

  static RandomValues of(long seed) {
    return new RandomValues(seed);
  }

  /** For messages. */
  @Override
  public String toString() {
    return "-Dtests.seed=" + seed;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Values in [-4, 4). */
  float[] plain(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (random.nextDouble() * 8 - 4);
    }
    return values;
  }

  /** As {@link #plain}, one in twenty replaced by NaN, an infinity, a zero or an extreme. */
  float[] mixed(int length) {
    float[] values = plain(length);
    for (int i = 0; i < length; i++) {
      if (random.nextInt(20) == 0) {
        values[i] = SPECIAL[random.nextInt(SPECIAL.length)];
      }
    }
    return values;
  }

  /** Values in [0, 4), as variances and squared gradients have them. */
  float[] positive(int length) {
    float[] values = plain(length);
    for (int i = 0; i < length; i++) {
      values[i] = Math.abs(values[i]);
    }
    return values;
  }
}
