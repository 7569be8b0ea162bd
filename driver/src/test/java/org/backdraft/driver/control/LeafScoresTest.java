package org.backdraft.driver.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Random;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeafScoresTest {
  private static final Leaves LEAVES = new Leaves(16);
  private static final int EXAMPLES = 1003;
  private static final long SEED = Long.getLong("tests.seed", 42);

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 16})
  void theTotalHasTheSameBitsForAnyNumberOfRanks(int worldSize) throws IOException {
    LeafScores.Total one = total(1);
    LeafScores.Total many = total(worldSize);

    assertThat(many).as("seed %d", SEED).isEqualTo(one);
    assertThat(one.examples()).isEqualTo(EXAMPLES);
    assertThat(one.hits()).isBetween(1L, one.top5Hits() - 1);
    assertThat(one.loss()).isEqualTo(one.lossSum() / one.denominator());
    assertThat(one.labels()).isBetween(1L, 3L * EXAMPLES - 1);
    assertThat(one.accuracy()).isEqualTo((double) one.hits() / one.labels());
    assertThat(one.numbers()).containsExactly(one.lossSum(), (double) EXAMPLES);
  }

  private static LeafScores.Total total(int worldSize) throws IOException {
    Random random = new Random(SEED);
    float[] losses = new float[EXAMPLES];
    float[] denominators = new float[EXAMPLES];
    int[] ranks = new int[3 * EXAMPLES];
    for (int i = 0; i < EXAMPLES; i++) {
      losses[i] = (float) StrictMath.exp(20 * random.nextDouble());
      denominators[i] = random.nextFloat();
      for (int label = 0; label < 3; label++) {
        ranks[3 * i + label] = random.nextInt(9) - 1;
      }
    }
    LeafScores all = new LeafScores(new LeafRange(0, LEAVES.count()));
    for (int rank = 0; rank < worldSize; rank++) {
      LeafScores part = new LeafScores(LEAVES.rangeOf(rank, worldSize));
      for (int leaf = part.range().begin(); leaf < part.range().end(); leaf++) {
        for (int i = LEAVES.begin(leaf, EXAMPLES); i < LEAVES.begin(leaf + 1, EXAMPLES); i++) {
          part.add(leaf, losses[i], denominators[i], ranks, 3 * i, 3 * (i + 1));
          part.numbers(leaf, 2)[0] += losses[i];
          part.numbers(leaf, 2)[1]++;
        }
      }
      all.set(LeafScores.of(part.toMessage(7, 11)));
    }
    return all.total(LEAVES);
  }

  @Test
  void aTotalOverSomeLeavesIsRefused() {
    LeafScores part = new LeafScores(new LeafRange(0, 8));

    assertThatThrownBy(() -> part.total(LEAVES))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("all 16 leaves");
  }
}
