package org.backdraft.comm.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllReduceAlgorithmTest {
  private static final int LENGTH = 30_011;
  private static final int LEAVES = 16;
  private static final Adder ADDER =
      (target, targetBase, source, sourceBase, length) -> {
        for (int i = 0; i < length; i++) {
          target[targetBase + i] += source[sourceBase + i];
        }
      };

  private static float[][] sum(AllReduceAlgorithm algorithm, List<String> hosts, LeafSums leafSums)
      throws Exception {
    int worldSize = hosts.size();
    LocalGang gang = new LocalGang(worldSize, 0, Duration.ofSeconds(30));
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      transports.add(gang.join(rank));
    }
    float[][] results = new float[worldSize][];
    RankThreads.runAll(
        transports,
        transport -> {
          int rank = transport.context().rank();
          float[][] sums = leafSums.of(rank, worldSize);
          Collectives collectives =
              algorithm.create(transport, ADDER, BlockBorders.uniform(), hosts);
          collectives.allReduce(new Leaves(LEAVES), sums, 0, LENGTH, 0);
          results[rank] = sums[0];
        });
    return results;
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a b c", "a a b b", "a a b", "a b c d e", "a a a b c c"})
  void allExactOnesGiveTheBitsOfOneWorker(String places) throws Exception {
    List<String> hosts = List.of(places.split(" "));
    LeafSums leafSums = new LeafSums(7, LEAVES, LENGTH);
    int tried = 0;
    for (AllReduceAlgorithm each : AllReduceAlgorithm.values()) {
      if (each.reasonAgainst(hosts).isPresent()) {
        continue;
      }
      tried++;
      float[][] results = sum(each, hosts, leafSums);
      for (float[] result : results) {
        assertThat(result).isEqualTo(results[0]);
      }
      // Comparing float arrays compares bits but for NaNs, of which there are none.
      if (each.isExact()) {
        assertThat(results[0]).as(each.word()).isEqualTo(leafSums.total());
      } else if (hosts.size() > 2) { // of two ranks a ring adds the same way
        assertThat(results[0]).as(each.word()).isNotEqualTo(leafSums.total());
      }
    }
    assertThat(tried).isGreaterThanOrEqualTo(3);
  }

  @Test
  void namesAreThoseOfTheConfiguration() {
    for (AllReduceAlgorithm each : AllReduceAlgorithm.values()) {
      assertThat(AllReduceAlgorithm.named(each.word())).contains(each);
    }
    assertThat(AllReduceAlgorithm.named("HALVING_DOUBLING")).isEmpty();
    assertThat(AllReduceAlgorithm.defaultFor(8)).isEqualTo(AllReduceAlgorithm.HALVING_DOUBLING);
    assertThat(AllReduceAlgorithm.defaultFor(6)).isEqualTo(AllReduceAlgorithm.DIRECT);
  }

  @Test
  void whatDoesNotFitSaysWhy() {
    assertThat(AllReduceAlgorithm.HALVING_RING.reasonAgainst(3).orElseThrow())
        .contains("power of two: there are 3");
    assertThat(AllReduceAlgorithm.HIERARCHICAL.reasonAgainst(List.of("a", "b")).orElseThrow())
        .contains("No two ranks");
    try (Transport transport = new LocalGang(3, 0, Duration.ofSeconds(1)).join(0)) {
      assertThatThrownBy(
              () ->
                  AllReduceAlgorithm.HALVING_DOUBLING.create(
                      transport, ADDER, BlockBorders.uniform(), List.of("a", "b", "c")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("halving-doubling cannot be used");
    }
  }
}
