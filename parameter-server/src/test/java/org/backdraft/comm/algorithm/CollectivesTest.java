package org.backdraft.comm.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.TieredTransport;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.comm.transport.tcp.Mesh;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every way of reducing promises, for ranks as threads; two blocks a segment. */
@Timeout(120)
class CollectivesTest {
  private static final long SEED = Long.getLong("tests.seed", 20260303L);
  private static final int SEGMENT = 2 * ParameterBlocks.SIZE;
  private static final int[] LENGTHS = {0, 1, 4097, 30011};
  private static final Adder ADDER =
      (target, targetBase, source, sourceBase, length) -> {
        for (int i = 0; i < length; i++) {
          target[targetBase + i] += source[sourceBase + i];
        }
      };

  /** A way of reducing, and how many ranks it is tried with. */
  private record Way(String name, int worldSize, Function<Transport, Collectives> maker) {
    @Override
    public String toString() {
      return name + ", " + worldSize + " ranks";
    }
  }

  private static List<Way> exactWays() {
    List<Way> ways = new ArrayList<>();
    for (int worldSize = 1; worldSize <= 9; worldSize++) {
      for (ExactAlgorithm algorithm : ExactAlgorithm.values()) {
        if (algorithm.fits(worldSize)) {
          ways.add(
              new Way(
                  algorithm.name(),
                  worldSize,
                  transport ->
                      new ExactAllReduce(transport, ADDER, borders(), algorithm, SEGMENT)));
        }
      }
    }
    for (int[] sizes :
        new int[][] {{2, 1}, {2, 2}, {3, 1}, {1, 4}, {3, 3}, {2, 2, 2}, {4, 1, 3}, {2, 7}}) {
      HostGroups groups = HostGroups.of(hosts(sizes));
      ways.add(
          new Way(
              "hosts " + Arrays.toString(sizes),
              groups.worldSize(),
              transport ->
                  new HierarchicalAllReduce(transport, ADDER, borders(), groups, SEGMENT)));
    }
    return ways;
  }

  private static List<Way> allWays() {
    List<Way> ways = new ArrayList<>(exactWays());
    for (int worldSize = 1; worldSize <= 9; worldSize++) {
      ways.add(
          new Way(
              "ring",
              worldSize,
              transport -> new RingAllReduce(transport, ADDER, borders(), SEGMENT)));
    }
    return ways;
  }

  private static List<String> hosts(int... sizes) {
    List<String> hosts = new ArrayList<>();
    for (int host = 0; host < sizes.length; host++) {
      for (int i = 0; i < sizes[host]; i++) {
        hosts.add("host" + host);
      }
    }
    return hosts;
  }

  /** Tensors whose blocks do not start at multiples of 4096. */
  private static BlockBorders borders() {
    List<ParameterSpec> specs =
        IntStream.of(10, 5000, 3, 9001, 64)
            .mapToObj(
                length ->
                    new ParameterSpec(
                        "tensor" + length, Shape.of(length), ParameterSpec.Role.BIAS, 1, 1))
            .toList();
    return BlockBorders.of(new ParameterBlocks(new ParameterTable(specs)));
  }

  @ParameterizedTest
  @MethodSource("exactWays")
  void anAllReduceHasTheBitsOfTheTree(Way way) throws Exception {
    for (int leaves : new int[] {Integer.highestOneBit(2 * way.worldSize() - 1), 32}) {
      for (int filled : new int[] {leaves, leaves / 2 + 1, 1}) {
        for (int length : LENGTHS) {
          LeafSums leafSums = new LeafSums(SEED + length, leaves, length, filled);
          float[] expected = leafSums.total();
          run(
              way,
              (transport, collectives) -> {
                float[][] sums = leafSums.of(transport.context().rank(), way.worldSize());
                collectives.allReduce(new Leaves(leaves), sums, 0, length, 3);
                assertBits(sums[0], expected, 0, length);
              });
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("exactWays")
  void aReduceScatterLeavesFinishedSumsAtTheirOwners(Way way) throws Exception {
    int leaves = 32;
    int length = 30011;
    LeafSums leafSums = new LeafSums(SEED, leaves, length);
    float[] expected = leafSums.total();
    run(
        way,
        (transport, collectives) -> {
          int rank = transport.context().rank();
          float[][] sums = leafSums.of(rank, way.worldSize());
          float[][] before = leafSums.of(rank, way.worldSize());
          for (int[] range : new int[][] {{17, 23001}, {23001, 23001}, {23001, 29999}}) {
            collectives.reduceScatter(new Leaves(leaves), sums, range[0], range[1], 1);
            ElementRange mine = collectives.owned(rank, range[0], range[1]);
            assertBits(sums[0], expected, mine.begin(), mine.end());
          }
          for (int i = 0; i < sums.length; i++) {
            assertBits(sums[i], before[i], 0, 17);
            assertBits(sums[i], before[i], 29999, length);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("allWays")
  void anAllGatherHandsOutWhatOwnersHold(Way way) throws Exception {
    run(
        way,
        (transport, collectives) -> {
          int rank = transport.context().rank();
          for (int length : LENGTHS) {
            int begin = Math.min(5, length);
            float[] values = new float[length + 3];
            ElementRange mine = collectives.owned(rank, begin, length);
            for (int i = mine.begin(); i < mine.end(); i++) {
              values[i] = i;
            }
            collectives.allGather(values, begin, length, 9);
            for (int i = 0; i < values.length; i++) {
              assertThat(values[i]).isEqualTo(i < begin || i >= length ? 0 : i);
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("allWays")
  void everyElementHasOneOwnerAndIsCutAtBlocks(Way way) throws Exception {
    BlockBorders borders = borders();
    run(
        way,
        (transport, collectives) -> {
          for (int[] range : new int[][] {{0, 0}, {0, 14078}, {3, 30011}, {7000, 7001}}) {
            int[] owners = new int[range[1]];
            for (int rank = 0; rank < way.worldSize(); rank++) {
              ElementRange owned = collectives.owned(rank, range[0], range[1]);
              for (int i = owned.begin(); i < owned.end(); i++) {
                owners[i]++;
              }
              for (int border : new int[] {owned.begin(), owned.end()}) {
                assertThat(
                        border == range[0]
                            || border == range[1]
                            || border == borders.nearest(border))
                    .as("border %d of rank %d", border, rank)
                    .isTrue();
              }
            }
            for (int i = range[0]; i < range[1]; i++) {
              assertThat(owners[i]).as("owners of %d", i).isEqualTo(1);
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("allWays")
  void aBroadcastCopiesTheRoot(Way way) throws Exception {
    run(
        way,
        (transport, collectives) -> {
          int rank = transport.context().rank();
          for (int length : LENGTHS) {
            for (int root = 0; root < way.worldSize(); root++) {
              float[] values = new float[length];
              Arrays.fill(values, rank + 1);
              collectives.broadcast(root, values, 0, length, root);
              for (float value : values) {
                assertThat(value).isEqualTo(root + 1);
              }
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("allWays")
  void aBarrierWaitsForAll(Way way) throws Exception {
    AtomicInteger entered = new AtomicInteger();
    run(
        way,
        (transport, collectives) -> {
          for (int round = 1; round <= 20; round++) {
            entered.incrementAndGet();
            collectives.barrier(round);
            assertThat(entered.get()).isGreaterThanOrEqualTo(round * way.worldSize());
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 8})
  void aRingSumsAndAllRanksAgree(int worldSize) throws Exception {
    int length = 30011;
    Way ring =
        new Way(
            "ring",
            worldSize,
            transport -> new RingAllReduce(transport, ADDER, borders(), SEGMENT));
    float[][] results = new float[worldSize][];
    run(
        ring,
        (transport, collectives) -> {
          int rank = transport.context().rank();
          int nodes = new Leaves(16).rangeOf(rank, worldSize).subtrees().size();
          float[][] sums = new float[nodes][length];
          for (int i = 0; i < nodes; i++) {
            for (int j = 0; j < length; j++) {
              sums[i][j] = rank + 1 + i + j % 5; // whole numbers: any order is exact
            }
          }
          collectives.allReduce(new Leaves(16), sums, 0, length, 0);
          results[rank] = sums[0];
        });
    float[] expected = new float[length];
    for (int rank = 0; rank < worldSize; rank++) {
      int nodes = new Leaves(16).rangeOf(rank, worldSize).subtrees().size();
      for (int i = 0; i < nodes; i++) {
        for (int j = 0; j < length; j++) {
          expected[j] += rank + 1 + i + j % 5;
        }
      }
    }
    for (float[] result : results) {
      assertThat(result).isEqualTo(expected);
    }
  }

  @Test
  void aRingHasOtherBitsThanTheTree() throws Exception {
    LeafSums leafSums = new LeafSums(SEED, 16, 4096);
    run(
        new Way("ring", 4, transport -> new RingAllReduce(transport, ADDER, borders(), SEGMENT)),
        (transport, collectives) -> {
          float[][] sums = leafSums.of(transport.context().rank(), 4);
          collectives.allReduce(new Leaves(16), sums, 0, 4096, 0);
          assertThat(Arrays.equals(sums[0], leafSums.total())).isFalse();
        });
  }

  @Test
  void hostsAreSummedThroughMemoryAndTheNetwork() throws Exception {
    int[] sizes = {3, 2};
    HostGroups groups = HostGroups.of(hosts(sizes));
    List<Transport> network = Mesh.connect(5);
    List<LocalGang> gangs = new ArrayList<>();
    for (int host = 0; host < sizes.length; host++) {
      gangs.add(new LocalGang(5, 0, Duration.ofSeconds(30)));
    }
    List<Transport> tiered = new ArrayList<>();
    for (int rank = 0; rank < 5; rank++) {
      int host = groups.hostOf(rank);
      tiered.add(
          new TieredTransport(
              network.get(rank),
              gangs.get(host).join(rank),
              groups.first(host),
              groups.first(host + 1)));
    }
    int length = 100_003;
    LeafSums leafSums = new LeafSums(SEED, 16, length);
    float[] expected = leafSums.total();
    RankThreads.runAll(
        tiered,
        transport -> {
          HierarchicalAllReduce collectives =
              new HierarchicalAllReduce(transport, ADDER, borders(), groups, SEGMENT);
          for (int step = 0; step < 5; step++) {
            float[][] sums = leafSums.of(transport.context().rank(), 5);
            collectives.allReduce(new Leaves(16), sums, 0, length, step);
            assertBits(sums[0], expected, 0, length);
            collectives.barrier(step);
          }
        });
  }

  @Test
  void aNeighborThatIsGoneIsNamedByItsRankInTheGang() throws Exception {
    LocalGang gang = new LocalGang(5, 0, Duration.ofSeconds(30));
    List<Transport> network = Mesh.connect(5);
    try (Transport second = new TieredTransport(network.get(3), gang.join(3), 3, 5)) {
      gang.join(4).close();
      second.receive(4, 7, new float[1], 0, 1);
      assertThatThrownBy(() -> second.await("test"))
          .isInstanceOf(CollectiveException.PeerLost.class)
          .hasMessageContaining("rank 3 of 5 (attempt 0) in test at step 7")
          .hasMessageContaining("peer rank 4");
    } finally {
      for (Transport each : network) {
        each.close();
      }
    }
  }

  @Test
  void whatCannotBeSummedByHostsIsSaid() {
    assertThat(HostGroups.reasonAgainst(hosts(2, 3))).isEmpty();
    assertThat(HostGroups.reasonAgainst(List.of("a", "b", "a")))
        .get()
        .asString()
        .isEqualTo(
            "The ranks of a host must follow each other: ranks 0 and 2 are on a, rank 1 is on b.");
    assertThat(HostGroups.reasonAgainst(List.of("a", "a"))).contains("All ranks are on one host.");
    assertThat(HostGroups.reasonAgainst(List.of("a", "b")))
        .contains("No two ranks are on one host.");
    assertThatThrownBy(() -> HostGroups.of(List.of("a", "b", "a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("Reduce without regard to hosts.");
  }

  @Test
  void rejectsWhatDoesNotFit() {
    try (Transport transport = new LocalGang(3, 0, Duration.ofSeconds(1)).join(0)) {
      assertThatThrownBy(
              () ->
                  new ExactAllReduce(transport, ADDER, borders(), ExactAlgorithm.HALVING_DOUBLING))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("power of two for HALVING_DOUBLING: got 3");
      Collectives collectives = new ExactAllReduce(transport, ADDER);
      assertThatThrownBy(() -> collectives.broadcast(3, new float[1], 0, 1, 0))
          .hasMessageContaining("[0, 3): got 3");
      assertThatThrownBy(() -> collectives.owned(-1, 0, 1)).hasMessageContaining("got -1");
      assertThatThrownBy(() -> collectives.allGather(new float[3], 0, 4, 0))
          .hasMessageContaining("[0, 4) of 3 elements");
      assertThatThrownBy(
              () ->
                  new HierarchicalAllReduce(
                      transport, ADDER, borders(), HostGroups.of(hosts(2, 2))))
          .hasMessageContaining("each of 3 ranks: got 4");
    }
  }

  @Test
  void aRankThatDoesNotComeIsATimeout() {
    try (Transport transport = new LocalGang(2, 0, Duration.ofMillis(50)).join(0)) {
      Collectives collectives = new ExactAllReduce(transport, ADDER);
      assertThatThrownBy(() -> collectives.barrier(4))
          .isInstanceOf(CollectiveException.Timeout.class)
          .hasMessageContaining("in barrier at step 4");
    }
  }

  /** What a rank does. */
  @FunctionalInterface
  private interface Body {
    void run(Transport transport, Collectives collectives) throws Exception;
  }

  private static void run(Way way, Body body) throws Exception {
    LocalGang gang = new LocalGang(way.worldSize(), 0, Duration.ofSeconds(30));
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < way.worldSize(); rank++) {
      transports.add(gang.join(rank));
    }
    RankThreads.runAll(transports, transport -> body.run(transport, way.maker().apply(transport)));
  }

  private static void assertBits(float[] found, float[] expected, int begin, int end) {
    for (int i = begin; i < end; i++) {
      if (Float.floatToRawIntBits(found[i]) != Float.floatToRawIntBits(expected[i])) {
        assertThat(found[i]).as("element %d, -Dtests.seed=%d", i, SEED).isEqualTo(expected[i]);
        throw new AssertionError("element " + i + " differs in its bits");
      }
    }
  }
}
