package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FoldsTest {
  private static int[] heldOut(Folds folds) {
    return IntStream.range(0, folds.heldOut()).map(folds::heldOutId).toArray();
  }

  private static int[] kept(Folds folds) {
    return IntStream.range(0, folds.examples() - folds.heldOut()).map(folds::keptId).toArray();
  }

  @ParameterizedTest
  @CsvSource({"2, 2", "3, 2", "10, 3", "11, 3", "12, 3", "30, 5", "203, 10", "7, 7", "1001, 4"})
  void everyExampleIsHeldOutOnceAndKeptOtherwise(int examples, int folds) {
    int[] times = new int[examples];
    for (int fold = 0; fold < folds; fold++) {
      Folds each = new Folds(examples, folds, fold, 7);
      int[] heldOut = heldOut(each);
      int[] kept = kept(each);
      assertThat(heldOut.length).isBetween(examples / folds, examples / folds + 1);
      assertThat(heldOut).isSorted().doesNotHaveDuplicates();
      assertThat(kept).isSorted();
      Arrays.stream(heldOut).forEach(id -> times[id]++);
      int[] both = IntStream.concat(Arrays.stream(heldOut), Arrays.stream(kept)).sorted().toArray();
      assertThat(both).isEqualTo(IntStream.range(0, examples).toArray());
    }
    assertThat(times).containsOnly(1);
  }

  @Test
  void theFoldOfAnExampleDependsOnSeedAndIdAlone() {
    int[] some = heldOut(new Folds(100, 5, 2, 7));
    int[] more = heldOut(new Folds(1000, 5, 2, 7));
    assertThat(Arrays.copyOf(more, some.length)).isEqualTo(some);
    assertThat(heldOut(new Folds(100, 5, 2, 8))).isNotEqualTo(some);
  }

  /** Classes that alternate with the period of the folds would else be held out whole. */
  @Test
  void aPeriodOfTheSourceDoesNotShow() {
    int[] remainders = new int[5];
    for (int id : heldOut(new Folds(5000, 5, 0, 1))) {
      remainders[id % 5]++;
    }
    assertThat(remainders)
        .satisfies(
            all -> {
              for (int each : all) {
                assertThat(each).isBetween(140, 260);
              }
            });
  }

  @Test
  void aSubsetHasTheRecordsOfItsFold() throws IOException {
    DataSource whole = DataSources.open("digits:train=53", Split.TRAIN, HadoopSettings.defaults());
    List<Integer> labels = new ArrayList<>();
    int[] all;
    try (BlockReader blocks = whole.read(0, 53, 100)) {
      all = blocks.next().labels();
    }
    Subset fold = Subset.ofFold(whole, 4, 1, 9, true);
    try (BlockReader blocks = fold.read(0, fold.examples(), 5)) {
      for (RecordBlock block = blocks.next(); block != null; block = blocks.next()) {
        Arrays.stream(block.labels()).forEach(labels::add);
      }
    }
    int[] ids = heldOut(new Folds(53, 4, 1, 9));
    assertThat(labels).isEqualTo(Arrays.stream(ids).mapToObj(id -> all[id]).toList());
    assertThat(Subset.ofFold(whole, 4, 1, 9, false).examples()).isEqualTo(53 - ids.length);
  }

  @Test
  void moreFoldsThanExamplesAreRefused() {
    assertThatThrownBy(() -> new Folds(4, 5, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cross-validation.folds must be at least 2 and at most");
  }
}
