package org.backdraft.comm.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the costs that Javadoc and {@code docs/algorithms.md} state. */
class AllReduceCostTest {
  /** Counts what a rank sends, and how often it waits. */
  private static final class CountingTransport implements Transport {
    private final Transport transport;
    private long sentFloats;
    private int awaits;

    CountingTransport(Transport transport) {
      this.transport = transport;
    }

    @Override
    public RankContext context() {
      return transport.context();
    }

    @Override
    public void send(int peer, long step, float[] source, int begin, int end) {
      sentFloats += end - begin;
      transport.send(peer, step, source, begin, end);
    }

    @Override
    public void receive(int peer, long step, float[] target, int begin, int end) {
      transport.receive(peer, step, target, begin, end);
    }

    @Override
    public void await(String operation) throws CollectiveException {
      awaits++;
      transport.await(operation);
    }

    @Override
    public void close() {
      transport.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8, 9})
  void sendsWhatIsDocumented(int worldSize) throws Exception {
    int leaves = 64;
    int length = 2 * worldSize * Chunks.BLOCK; // equal chunks, so that the formula is exact
    LocalGang gang = new LocalGang(worldSize, 0, Duration.ofSeconds(30));
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      transports.add(gang.join(rank));
    }
    RankThreads.runAll(
        transports,
        transport -> {
          CountingTransport counting = new CountingTransport(transport);
          int rank = transport.context().rank();
          int nodes = nodes(leaves, rank, worldSize);
          new ExactAllReduce(counting, (target, a, source, b, count) -> {})
              .allReduce(new Leaves(leaves), new float[nodes][length], 0, length, 0);
          boolean powerOfTwo = Integer.bitCount(worldSize) == 1;
          long chunk = length / worldSize;
          long expected = (worldSize - 1) * chunk * (powerOfTwo ? 2 : nodes + 1);
          assertThat(counting.sentFloats).isEqualTo(expected);
          assertThat(counting.awaits)
              .isEqualTo(powerOfTwo ? 2 * Integer.numberOfTrailingZeros(worldSize) : 2);
        });
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
