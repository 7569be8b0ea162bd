package org.backdraft.comm.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.comm.transport.tcp.Mesh;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactAllReduceTest {
  private static final int[] LENGTHS = {0, 1, 7, 4096, 10007, 40009};
  private static final long SEED = Long.getLong("tests.seed", 20260101L);
  private static final Adder ADDER =
      (target, targetBase, source, sourceBase, length) -> {
        for (int i = 0; i < length; i++) {
          target[targetBase + i] += source[sourceBase + i];
        }
      };

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void everyWorldSizeGivesTheBitsOfTheTree(int worldSize) throws Exception {
    for (int leaves : leafCounts(worldSize)) {
      for (int length : LENGTHS) {
        LeafSums leafSums = new LeafSums(SEED + length, leaves, length);
        float[][] results = allReduce(local(worldSize), leafSums, leaves, 0, length);
        assertSameBits(results, leafSums.total(), 0, length, leaves);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void everyWorldSizeGivesTheBitsOfTheTreeOverTcp(int worldSize) throws Exception {
    for (int leaves : leafCounts(worldSize)) {
      for (int length : LENGTHS) {
        LeafSums leafSums = new LeafSums(SEED + length, leaves, length);
        float[][] results = allReduce(Mesh.connect(worldSize), leafSums, leaves, 0, length);
        assertSameBits(results, leafSums.total(), 0, length, leaves);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 7})
  void aRangeLeavesTheRestAlone(int worldSize) throws Exception {
    int length = 30011;
    LeafSums leafSums = new LeafSums(SEED, 16, length);
    float[][] results = allReduce(local(worldSize), leafSums, 16, 5003, 29989);
    assertSameBits(results, leafSums.total(), 5003, 29989, 16);
    for (int rank = 0; rank < worldSize; rank++) {
      float[] before = leafSums.of(rank, worldSize)[0];
      assertThat(Arrays.copyOf(results[rank], 5003)).isEqualTo(Arrays.copyOf(before, 5003));
      assertThat(Arrays.copyOfRange(results[rank], 29989, length))
          .isEqualTo(Arrays.copyOfRange(before, 29989, length));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 6})
  void manyStepsWithChangingLeavesAndLengthsStayExact(int worldSize) throws Exception {
    int[] leaves = {8, 64, 8, 16};
    int[] lengths = {10007, 5, 40961, 10007};
    LeafSums[] leafSums = new LeafSums[leaves.length];
    for (int i = 0; i < leaves.length; i++) {
      leafSums[i] = new LeafSums(SEED + i, leaves[i], lengths[i]);
    }
    RankThreads.runAll(
        local(worldSize),
        transport -> {
          int rank = transport.context().rank();
          ExactAllReduce allReduce = exact(transport);
          for (int i = 0; i < leaves.length; i++) {
            float[][] sums = leafSums[i].of(rank, worldSize);
            allReduce.allReduce(new Leaves(leaves[i]), sums, 0, lengths[i], i);
            assertThat(bits(sums[0])).isEqualTo(bits(leafSums[i].total()));
          }
        });
  }

  @Test
  void anotherOrderOfAdditionsWouldShow() {
    // The comparison above can fail: a plain chain over the leaves has other bits.
    LeafSums leafSums = new LeafSums(SEED, 16, 4096);
    float[] chain = leafSums.node(0, 1);
    for (int leaf = 1; leaf < 16; leaf++) {
      ADDER.add(chain, 0, leafSums.node(leaf, leaf + 1), 0, chain.length);
    }
    assertThat(bits(chain)).isNotEqualTo(bits(leafSums.total()));
  }

  @Test
  void rejectsAWrongNumberOfSums() {
    try (Transport transport = new LocalGang(1, 0, Duration.ofSeconds(1)).join(0)) {
      ExactAllReduce allReduce = new ExactAllReduce(transport, ADDER);
      assertThatThrownBy(() -> allReduce.allReduce(new Leaves(4), new float[2][8], 0, 8, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 subtrees of rank 0: got 2");
      assertThatThrownBy(() -> allReduce.allReduce(new Leaves(4), new float[1][8], 3, 9, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[3, 9) of 8 elements");
    }
  }

  @Test
  void rejectsMoreRanksThanLeaves() {
    try (Transport transport = new LocalGang(3, 0, Duration.ofSeconds(1)).join(0)) {
      ExactAllReduce allReduce = new ExactAllReduce(transport, ADDER);
      assertThatThrownBy(() -> allReduce.allReduce(new Leaves(2), new float[1][8], 0, 8, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("train.leaves=4");
    }
  }

  private static float[][] allReduce(
      List<Transport> transports, LeafSums leafSums, int leaves, int begin, int end)
      throws Exception {
    int worldSize = transports.size();
    float[][] results = new float[worldSize][];
    RankThreads.runAll(
        transports,
        transport -> {
          int rank = transport.context().rank();
          float[][] sums = leafSums.of(rank, worldSize);
          // Two blocks a segment, so that lengths of a few thousand go through several.
          exact(transport).allReduce(new Leaves(leaves), sums, begin, end, 3);
          results[rank] = sums[0];
        });
    return results;
  }

  private static ExactAllReduce exact(Transport transport) {
    return new ExactAllReduce(
        transport,
        ADDER,
        BlockBorders.uniform(),
        ExactAlgorithm.defaultFor(transport.context().worldSize()),
        8192);
  }

  private static void assertSameBits(
      float[][] results, float[] expected, int begin, int end, int leaves) {
    int[] expectedBits = bits(Arrays.copyOfRange(expected, begin, end));
    for (int rank = 0; rank < results.length; rank++) {
      assertThat(bits(Arrays.copyOfRange(results[rank], begin, end)))
          .as(
              "rank %d of %d, %d leaves, [%d, %d), -Dtests.seed=%d",
              rank, results.length, leaves, begin, end, SEED)
          .isEqualTo(expectedBits);
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static Set<Integer> leafCounts(int worldSize) {
    int fewest = Integer.highestOneBit(2 * worldSize - 1);
    return new TreeSet<>(List.of(fewest, 16, 64));
  }

  private static List<Transport> local(int worldSize) {
    LocalGang gang = new LocalGang(worldSize, 0, Duration.ofSeconds(30));
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      transports.add(gang.join(rank));
    }
    return transports;
  }
}
