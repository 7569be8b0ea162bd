package org.backdraft.random;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CounterRandomTest {
  /** Key, stream, block, four words. */
  @ParameterizedTest
  @CsvSource({
    // Known answers of philox4x32-10 in Random123 (kat_vectors), counter words 0, 1 = block.
    "0000000000000000, 0000000000000000, 0000000000000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "299f31d0a4093822, 0370734413198a2e, 85a308d3243f6a88, d16cfe09 94fdcceb 5001e420 24126ea1",
  })
  void bitsGiveTheKnownAnswers(String key, String stream, String block, String words) {
    String[] expected = words.split(" ", -1);
    long k = Long.parseUnsignedLong(key, 16);
    long s = Long.parseUnsignedLong(stream, 16);
    long b = Long.parseUnsignedLong(block, 16);
    // The index reaches a quarter of the counter's range; beyond it, the block's own method does.
    if (b >>> 62 == 0) {
      for (int w = 0; w < 4; w++) {
        assertThat(CounterRandom.bits(k, s, 4 * b + w))
            .isEqualTo(Integer.parseUnsignedInt(expected[w], 16));
      }
    }
    int[] block4 = new int[6];
    CounterRandom.block(k, s, b, block4, 1);
    for (int w = 0; w < 4; w++) {
      assertThat(block4[1 + w]).isEqualTo(Integer.parseUnsignedInt(expected[w], 16));
    }
    assertThat(block4[0]).isZero();
    assertThat(block4[5]).isZero();
  }

  @Test
  void bitsGiveTheKnownAnswerOfAllOnes() {
    int[] words = new int[4];
    CounterRandom.block(-1, -1, -1, words, 0);
    assertThat(words).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  }

  @Test
  void fillGivesWhatBitsGives() {
    for (int length = 0; length < 15; length++) {
      for (long first : new long[] {0, 1, 2, 3, 4, (1L << 34) - 2}) {
        int[] words = new int[20];
        CounterRandom.fill(7, 8, first, words, 2, length);
        for (int i = 0; i < 20; i++) {
          boolean inside = i >= 2 && i < 2 + length;
          assertThat(words[i]).isEqualTo(inside ? CounterRandom.bits(7, 8, first + i - 2) : 0);
        }
      }
    }
  }

  @Test
  void atLeastComparesAsUniformDoes() {
    float[] rates = {0f, 1f, 0.5f, 0.1f, 0x1p-24f, CounterRandom.uniform(3, 4, 21)};
    for (float rate : rates) {
      for (long block = 0; block < 50; block++) {
        int mask = CounterRandom.atLeast(3, 4, block, rate);
        for (int w = 0; w < 4; w++) {
          assertThat((mask >>> w & 1) == 1)
              .isEqualTo(CounterRandom.uniform(3, 4, 4 * block + w) >= rate);
        }
      }
    }
  }

  @Test
  void uniformIsSpreadEvenly() {
    int[] counts = new int[16];
    int draws = 160_000;
    for (int i = 0; i < draws; i++) {
      float u = CounterRandom.uniform(1, 2, i);
      assertThat(u).isBetween(0f, Math.nextDown(1f));
      counts[(int) (u * 16)]++;
    }
    for (int count : counts) {
      // Five standard deviations of a binomial count.
      assertThat(count).isBetween(10_000 - 485, 10_000 + 485);
    }
  }

  @Test
  void keysDifferBySeedEpochAndOperation() {
    assertThat(CounterRandom.key(1, 2, 3)).isNotEqualTo(CounterRandom.key(1, 3, 2));
    assertThat(CounterRandom.key(1, 2, 3)).isNotEqualTo(CounterRandom.key(2, 1, 3));
    assertThat(CounterRandom.key(1, 2, 3)).isEqualTo(CounterRandom.key(1, 2, 3));
  }
}
