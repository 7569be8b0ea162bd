package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole all-reduces over connections that a proxy makes slow, cuts, or damages. */
@Timeout(60)
class NetworkFaultTest {
  private static final Duration DEADLINE = Duration.ofSeconds(1);
  private static final Leaves LEAVES = new Leaves(8);
  private static final Adder ADDER =
      (target, targetBase, source, sourceBase, length) -> {
        for (int i = 0; i < length; i++) {
          target[targetBase + i] += source[sourceBase + i];
        }
      };

  /** What becomes of the connection between ranks 0 and 1, seen from the end that listens. */
  private enum Fault {
    FLIPPED_BYTE,
    CUT,
    RESET,
    SILENT;

    FaultyProxy proxy(long at) throws Exception {
      FaultyProxy proxy = new FaultyProxy();
      return switch (this) {
        case FLIPPED_BYTE -> proxy.flipAt(at);
        case CUT -> proxy.cutAt(at);
        case RESET -> proxy.resetAt(at);
        case SILENT -> proxy.stallAt(at);
      };
    }

    Class<? extends CollectiveException> seen() {
      return switch (this) {
        case FLIPPED_BYTE -> CollectiveException.WireFormat.class;
        case CUT, RESET -> CollectiveException.PeerLost.class;
        case SILENT -> CollectiveException.Timeout.class;
      };
    }
  }

  /** A rank's sums, one array for each of its subtrees of leaves. */
  private static float[][] sums(int rank, int worldSize, int length) {
    LeafRange range = LEAVES.rangeOf(rank, worldSize);
    float[][] sums = new float[range.subtrees().size()][length];
    Random random = new Random(31L * rank + worldSize);
    for (float[] each : sums) {
      for (int i = 0; i < length; i++) {
        each[i] = random.nextFloat() - 0.5f;
      }
    }
    return sums;
  }

  private static float[] allReduce(Transport transport, int length) throws Exception {
    int rank = transport.context().rank();
    float[][] sums = sums(rank, transport.context().worldSize(), length);
    new ExactAllReduce(transport, ADDER).allReduce(LEAVES, sums, 0, length, 3);
    return sums[0];
  }

  /** At 1 MB/s and 50 ms it takes longer than the deadline, which counts from the last byte. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void aLongAndNarrowLinkIsSlowAndRight(int worldSize) throws Exception {
    int length = 260_000;
    float[][] expected = new float[worldSize][];
    RankThreads.runAll(
        Mesh.connect(worldSize),
        transport -> expected[transport.context().rank()] = allReduce(transport, length));

    List<SlowLink> links = new ArrayList<>();
    try {
      List<TcpEndpoint> endpoints = new ArrayList<>();
      List<PeerAddress> peers = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        TcpEndpoint endpoint =
            TcpEndpoint.open(
                Mesh.HOST, Mesh.credentials(0), TransportSecurity.plain(), event -> {});
        endpoints.add(endpoint);
        links.add(new SlowLink(endpoint.port(), Duration.ofMillis(50), 1_000_000));
        peers.add(new PeerAddress(rank, Mesh.HOST, links.get(rank).port()));
      }
      RankThreads.runAll(
          Mesh.connect(endpoints, peers, 1, DEADLINE),
          transport ->
              assertThat(allReduce(transport, length))
                  .isEqualTo(expected[transport.context().rank()]));
    } finally {
      for (SlowLink link : links) {
        link.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aFaultInAFrameEndsTheAllReduceAndNamesThePeer(Fault fault) throws Exception {
    int length = 50_000;
    try (FaultyProxy proxy = fault.proxy(FaultyProxy.HANDSHAKE_BYTES + 5_000)) {
      float[][] before = {sums(0, 2, length)[0], sums(1, 2, length)[0]};
      float[][] after = new float[2][];
      List<Throwable> thrown =
          RankThreads.run(
              Mesh.through(proxy, DEADLINE),
              transport -> {
                int rank = transport.context().rank();
                float[][] sums = sums(rank, 2, length);
                after[rank] = sums[0];
                new ExactAllReduce(transport, ADDER).allReduce(LEAVES, sums, 0, length, 3);
              });

      assertThat(thrown.get(0)).isInstanceOf(fault.seen()).hasMessageContaining("rank 1");
      if (fault != Fault.FLIPPED_BYTE) { // which says what differs instead
        assertThat(thrown.get(0))
            .hasMessageContaining("rank 0 of 2 (attempt 0)")
            .hasMessageContaining("at step 3");
      }
      assertThat(thrown.get(1)).isInstanceOf(CollectiveException.class);
      assertThat(after[0]).as("nothing of half a frame is added").isEqualTo(before[0]);
    }
  }

  @Test
  void aFrameThatWasCutIsNotWritten() throws Exception {
    try (FaultyProxy proxy = new FaultyProxy().resetAt(FaultyProxy.HANDSHAKE_BYTES + 5000)) {
      float[] got = new float[4096];
      List<Throwable> thrown =
          RankThreads.run(
              Mesh.through(proxy, Mesh.LONG),
              transport -> {
                if (transport.context().rank() == 0) {
                  transport.receive(1, 17, got, 0, got.length);
                  transport.await("test");
                } else {
                  float[] sent = new float[got.length];
                  Arrays.fill(sent, 1);
                  transport.send(0, 17, sent, 0, sent.length);
                  transport.receive(0, 18, sent, 0, 1);
                  transport.await("test");
                }
              });
      assertThat(thrown.get(0))
          .isInstanceOf(CollectiveException.PeerLost.class)
          .hasMessageContaining("rank 0 of 2 (attempt 0) in test at step 17")
          .hasMessageContaining("peer rank 1");
      assertThat(got).containsOnly(0);
    }
  }
}
