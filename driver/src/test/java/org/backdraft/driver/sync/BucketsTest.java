package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.algorithm.ExactAlgorithm;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.plan.OwnedParameters;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class BucketsTest {
  private static ParameterBlocks blocks(int... lengths) {
    List<ParameterSpec> specs = new ArrayList<>();
    for (int length : lengths) {
      specs.add(
          new ParameterSpec("t" + specs.size(), Shape.of(length), ParameterSpec.Role.WEIGHT, 1, 1));
    }
    return new ParameterBlocks(new ParameterTable(specs));
  }

  private static List<List<Integer>> borders(Buckets buckets) {
    List<List<Integer>> all = new ArrayList<>();
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      all.add(List.of(buckets.begin(bucket), buckets.end(bucket)));
    }
    return all;
  }

  @Test
  void lastLayersComeFirstInWholeBlocks() {
    ParameterBlocks blocks = blocks(5000, 10, 4096, 100);
    assertThat(borders(Buckets.of(blocks, 4 * 4200)))
        .containsExactly(List.of(5010, 9206), List.of(4096, 5010), List.of(0, 4096));
    assertThat(borders(Buckets.of(blocks, 0))).containsExactly(List.of(0, 9206));
    assertThat(borders(Buckets.of(blocks, 1 << 30))).containsExactly(List.of(0, 9206));
  }

  @Test
  void aBucketHoldsABlockAtLeast() {
    assertThat(borders(Buckets.of(blocks(5000, 10), 1)))
        .containsExactly(List.of(5000, 5010), List.of(4096, 5000), List.of(0, 4096));
  }

  @Test
  void noParametersNeedNoBucket() {
    assertThat(Buckets.of(blocks(), 1).count()).isZero();
    assertThat(Buckets.of(blocks(), 1).mostOwned(3)).isZero();
  }

  @Test
  void ranksOwnAllParametersOnceAndNoneMoreThanIsPlannedFor() {
    Random random = new Random(5);
    for (int workers = 1; workers <= 9; workers++) {
      for (ExactAlgorithm algorithm : ExactAlgorithm.values()) {
        if (algorithm.fits(workers)) {
          for (int bytes : new int[] {1, 100_000, 300_000, 0}) {
            int[] lengths = random.ints(6, 1, 60_000).toArray();
            check(blocks(lengths), workers, algorithm, bytes);
          }
        }
      }
    }
  }

  private static void check(
      ParameterBlocks blocks, int workers, ExactAlgorithm algorithm, int bucketBytes) {
    Buckets buckets = Buckets.of(blocks, bucketBytes);
    LocalGang gang = new LocalGang(workers, 0, Duration.ofSeconds(1));
    int all = 0;
    for (int rank = 0; rank < workers; rank++) {
      try (Transport transport = gang.join(rank)) {
        Collectives collectives =
            new ExactAllReduce(
                transport, (t, at, s, from, n) -> {}, BlockBorders.of(blocks), algorithm);
        OwnedParameters owned = buckets.owned(collectives, rank);
        assertThat(owned.ranges()).isEqualTo(buckets.count());
        assertThat(owned.size())
            .as("%s of %d ranks, %d bytes", algorithm, workers, bucketBytes)
            .isLessThanOrEqualTo(buckets.mostOwned(workers));
        all += owned.size();
      }
    }
    assertThat(all).isEqualTo(blocks.end(blocks.count() - 1));
    if (workers == 1) {
      assertThat(buckets.mostOwned(1)).isEqualTo(all);
    }
  }
}
