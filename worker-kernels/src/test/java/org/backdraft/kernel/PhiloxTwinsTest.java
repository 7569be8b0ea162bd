package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.backdraft.random.CounterRandom;
import org.junit.jupiter.api.Test;

/** The vector form of the generator gives the scalar one's words, all 32 bits of them. */
final class PhiloxTwinsTest {
  private static final int LONGEST = 200;

  @Test
  void fillGivesTheScalarWords() {
    long seed = Long.getLong("tests.seed", 1);
    SplittableRandom random = new SplittableRandom(seed);
    long[] blocks = {0, 1, 77, 0xFFFFFFFFL - 20, 0xFFFFFFFFL, 1L << 32, (1L << 40) + 5};
    for (int length = 0; length <= LONGEST; length++) {
      long key = random.nextLong();
      long stream = random.nextLong();
      for (long block : blocks) {
        int[] words = new int[SimdPhilox.room(length)];
        SimdPhilox.fill(key, stream, block, words, length);
        for (int i = 0; i < length; i++) {
          assertThat(words[i])
              .as("word %d of %d, block %d, tests.seed %d", i, length, block, seed)
              .isEqualTo(CounterRandom.bits(key, stream, 4 * block + i));
        }
      }
    }
  }
}
