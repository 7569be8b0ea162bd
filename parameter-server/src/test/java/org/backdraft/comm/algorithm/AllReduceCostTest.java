package org.backdraft.comm.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntUnaryOperator;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.ParameterBlocks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the costs that Javadoc and {@code docs/algorithms.md} state. */
class AllReduceCostTest {
  private static final Adder NOTHING = (target, a, source, b, count) -> {};

  /** Counts what a rank sends, in all and to other hosts, to whom, and how often it waits. */
  private static final class CountingTransport implements Transport {
    private final Transport transport;
    private final IntUnaryOperator hostOf;
    private final Set<Integer> peers = new TreeSet<>();
    private long sentFloats;
    private long sentToHosts;
    private int awaits;

    CountingTransport(Transport transport, IntUnaryOperator hostOf) {
      this.transport = transport;
      this.hostOf = hostOf;
    }

    @Override
    public RankContext context() {
      return transport.context();
    }

    @Override
    public void send(int peer, long step, float[] source, int begin, int end) {
      sentFloats += end - begin;
      if (hostOf.applyAsInt(peer) != hostOf.applyAsInt(context().rank())) {
        sentToHosts += end - begin;
      }
      peers.add(peer);
      transport.send(peer, step, source, begin, end);
    }

    @Override
    public void receive(int peer, long step, float[] target, int begin, int end) {
      peers.add(peer);
      transport.receive(peer, step, target, begin, end);
    }

    @Override
    public void await(String operation) throws CollectiveException {
      awaits++;
      transport.await(operation);
    }

    @Override
    public long waitedNanos() {
      return transport.waitedNanos();
    }

    @Override
    public void close() {
      transport.close();
    }
  }

  /** What a rank does with its counted transport. */
  @FunctionalInterface
  private interface Body {
    void run(CountingTransport transport, int rank) throws Exception;
  }

  private static void run(int worldSize, IntUnaryOperator hostOf, Body body) throws Exception {
    LocalGang gang = new LocalGang(worldSize, 0, Duration.ofSeconds(30));
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      transports.add(gang.join(rank));
    }
    RankThreads.runAll(
        transports,
        transport ->
            body.run(new CountingTransport(transport, hostOf), transport.context().rank()));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8, 9})
  void sendsWhatIsDocumented(int worldSize) throws Exception {
    int leaves = 64;
    int length = 2 * worldSize * ParameterBlocks.SIZE; // equal chunks, so that the formula is exact
    for (ExactAlgorithm algorithm : ExactAlgorithm.values()) {
      if (!algorithm.fits(worldSize)) {
        continue;
      }
      run(
          worldSize,
          rank -> rank,
          (counting, rank) -> {
            Collectives collectives =
                new ExactAllReduce(counting, NOTHING, BlockBorders.uniform(), algorithm);
            boolean halves =
                algorithm == ExactAlgorithm.HALVING_DOUBLING
                    || algorithm == ExactAlgorithm.HALVING_RING;
            boolean rings =
                algorithm == ExactAlgorithm.HALVING_RING || algorithm == ExactAlgorithm.DIRECT_RING;
            int nodes = nodes(leaves, rank, worldSize);
            int levels = Integer.numberOfTrailingZeros(worldSize);
            long chunk = length / worldSize;
            float[][] sums = new float[nodes][length];
            collectives.reduceScatter(new Leaves(leaves), sums, 0, length, 0);
            assertThat(counting.sentFloats).isEqualTo((worldSize - 1) * chunk * nodes);
            assertThat(counting.awaits).isEqualTo(halves ? levels : 1);
            counting.sentFloats = 0;
            counting.awaits = 0;
            collectives.allGather(sums[0], 0, length, 0);
            assertThat(counting.sentFloats).isEqualTo((worldSize - 1) * chunk);
            assertThat(counting.awaits).isEqualTo(rings ? worldSize - 1 : halves ? levels : 1);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void theCostThatIsForetoldIsWhatTheBusiestRankSends(int worldSize) throws Exception {
    Leaves leaves = new Leaves(64);
    int length = 2 * worldSize * ParameterBlocks.SIZE;
    List<String> hosts = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      hosts.add("host" + rank);
    }
    for (AllReduceAlgorithm algorithm : AllReduceAlgorithm.values()) {
      if (algorithm.reasonAgainst(hosts).isPresent()) {
        continue;
      }
      AtomicLongArray sent = new AtomicLongArray(worldSize);
      run(
          worldSize,
          rank -> rank,
          (counting, rank) -> {
            Collectives collectives =
                algorithm.create(counting, NOTHING, BlockBorders.uniform(), hosts);
            float[][] sums = new float[nodes(64, rank, worldSize)][length];
            collectives.reduceScatter(leaves, sums, 0, length, 0);
            collectives.allGather(sums[0], 0, length, 0);
            sent.set(rank, counting.sentFloats * Float.BYTES);
          });
      long most = 0;
      for (int rank = 0; rank < worldSize; rank++) {
        most = Math.max(most, sent.get(rank));
      }
      ExchangeCost cost = ExchangeCost.of(algorithm, leaves, worldSize, length);
      assertThat(cost.sentBytes()).as(algorithm.word()).isEqualTo(most);
      assertThat(cost.leastBytes()).isEqualTo(8L * length / worldSize * (worldSize - 1));
      assertThat(cost.extraBytes() == 0 && cost.imbalance() == 1)
          .as("%d ranks, %s: %s", worldSize, algorithm, cost)
          .isEqualTo(Integer.bitCount(worldSize) == 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 8, 9})
  void aShortAllReduceTakesHalfTheSteps(int worldSize) throws Exception {
    int length = 1000;
    run(
        worldSize,
        rank -> rank,
        (counting, rank) -> {
          int nodes = nodes(64, rank, worldSize);
          new ExactAllReduce(counting, NOTHING)
              .allReduce(new Leaves(64), new float[nodes][length], 0, length, 0);
          boolean powerOfTwo = Integer.bitCount(worldSize) == 1;
          int levels = Integer.numberOfTrailingZeros(worldSize);
          assertThat(counting.awaits).isEqualTo(powerOfTwo ? levels : 1);
          assertThat(counting.sentFloats)
              .isEqualTo((long) length * nodes * (powerOfTwo ? levels : worldSize - 1));
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 8})
  void aRingSendsTheLeastToTwoNeighbors(int worldSize) throws Exception {
    int length = 2 * worldSize * ParameterBlocks.SIZE;
    run(
        worldSize,
        rank -> rank,
        (counting, rank) -> {
          float[][] sums = new float[nodes(64, rank, worldSize)][length];
          new RingAllReduce(counting, NOTHING, BlockBorders.uniform())
              .allReduce(new Leaves(64), sums, 0, length, 0);
          assertThat(counting.sentFloats).isEqualTo(2L * (worldSize - 1) * length / worldSize);
          assertThat(counting.awaits).isEqualTo(2 * (worldSize - 1));
          assertThat(counting.peers).hasSizeLessThanOrEqualTo(2);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"2 2", "3 3", "4 4", "3 1", "2 2 2", "1 5"})
  void hostsSendWhatIsDocumented(String sizes) throws Exception {
    List<String> names = new ArrayList<>();
    for (String size : sizes.split(" ", -1)) {
      String name = "host" + names.size();
      for (int i = Integer.parseInt(size); i > 0; i--) {
        names.add(name);
      }
    }
    HostGroups hosts = HostGroups.of(names);
    int worldSize = hosts.worldSize();
    Leaves leaves = new Leaves(64);
    int length = 2 * worldSize * ParameterBlocks.SIZE;
    AtomicLongArray reduced = new AtomicLongArray(hosts.count());
    run(
        worldSize,
        hosts::hostOf,
        (counting, rank) -> {
          Collectives collectives =
              new HierarchicalAllReduce(counting, NOTHING, BlockBorders.uniform(), hosts);
          float[][] sums = new float[nodes(64, rank, worldSize)][length];
          collectives.reduceScatter(leaves, sums, 0, length, 0);
          reduced.addAndGet(hosts.hostOf(rank), counting.sentToHosts);
          counting.sentToHosts = 0;
          collectives.allGather(sums[0], 0, length, 0);
          assertThat(counting.sentToHosts)
              .isEqualTo((long) length / worldSize * (hosts.count() - 1));
          assertThat(counting.awaits).isEqualTo(4);
        });
    for (int host = 0; host < hosts.count(); host++) {
      LeafRange run =
          new LeafRange(
              leaves.rangeOf(hosts.first(host), worldSize).begin(),
              leaves.rangeOf(hosts.first(host + 1) - 1, worldSize).end());
      int others = worldSize - hosts.size(host);
      assertThat(reduced.get(host))
          .isEqualTo((long) run.subtrees().size() * others * length / worldSize);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 7, 9})
  void barrierAndBroadcastTakeTheDocumentedSteps(int worldSize) throws Exception {
    int length = 2 * worldSize * ParameterBlocks.SIZE;
    run(
        worldSize,
        rank -> rank,
        (counting, rank) -> {
          Collectives collectives = new ExactAllReduce(counting, NOTHING);
          collectives.barrier(0);
          assertThat(counting.awaits).isEqualTo(32 - Integer.numberOfLeadingZeros(worldSize - 1));
          assertThat(counting.sentFloats).isZero();
          collectives.broadcast(0, new float[length], 0, length, 0);
          assertThat(counting.sentFloats)
              .isEqualTo((rank == 0 ? 2L : 1L) * (worldSize - 1) * length / worldSize);
        });
  }

  @Test
  void theTableOfImbalanceIsRight() throws IOException {
    String documentation = Files.readString(Path.of("..", "docs", "algorithms.md"));
    for (int worldSize : new int[] {2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 24, 48, 96}) {
      assertThat(documentation).contains(bytesRow(worldSize));
    }
  }

  /** How many bytes of a step, over S, the busiest rank sends: exact default, ring; and scatter. */
  private static String bytesRow(int worldSize) {
    int leaves = Math.max(64, Integer.highestOneBit(8 * worldSize - 1));
    boolean powerOfTwo = Integer.bitCount(worldSize) == 1;
    int most = 0;
    int longest = 0;
    for (int rank = 0; rank < worldSize; rank++) {
      most = Math.max(most, nodes(leaves, rank, worldSize));
      longest = Math.max(longest, new Leaves(leaves).rangeOf(rank, worldSize).size());
    }
    double share = (worldSize - 1) / (double) worldSize;
    return String.format(
        Locale.ROOT,
        "| %d | %d | %s | %.2f | %.2f | %.2f |",
        worldSize,
        leaves,
        powerOfTwo ? "halving" : "direct",
        share * (most + 1),
        2 * share,
        longest * (double) worldSize / leaves);
  }

  @Test
  void theTableOfTheDocumentationIsRight() throws IOException {
    String documentation = Files.readString(Path.of("..", "docs", "algorithms.md"));
    for (int worldSize : new int[] {3, 5, 6, 7, 9}) {
      for (int leaves : new int[] {Integer.highestOneBit(2 * worldSize - 1), 64, 1024}) {
        assertThat(documentation).contains(row(worldSize, leaves));
      }
    }
  }

  private static String row(int worldSize, int leaves) {
    int all = 0;
    int most = 0;
    int longest = 0;
    for (int rank = 0; rank < worldSize; rank++) {
      int nodes = nodes(leaves, rank, worldSize);
      all += nodes;
      most = Math.max(most, nodes);
      longest = Math.max(longest, new Leaves(leaves).rangeOf(rank, worldSize).size());
    }
    double mean = all / (double) worldSize;
    return String.format(
        Locale.ROOT,
        "| %d | %d | %d | %d | %.2f | %.2f | %.2f |",
        worldSize,
        leaves,
        all,
        most,
        (mean + 1) / 2,
        (most + 1) / 2.0,
        longest * (double) worldSize / leaves);
  }

  private static int nodes(int leaves, int rank, int worldSize) {
    List<LeafRange> nodes = new Leaves(leaves).rangeOf(rank, worldSize).subtrees();
    return nodes.size();
  }
}
