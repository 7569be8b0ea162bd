package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.Transport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TcpTransportTest {
  private static final long SEED = Long.getLong("tests.seed", 12L);
  private static final Duration SHORT = Duration.ofMillis(300);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, Link.FRAME_FLOATS - 1, Link.FRAME_FLOATS, Link.FRAME_FLOATS + 1})
  void floatsArriveAsTheyWere(int length) throws Exception {
    exchange(Mesh.connect(2), length, 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 2 * Link.FRAME_FLOATS - 1, 3 * Link.FRAME_FLOATS + 5, 1_000_003})
  void longRangesTravelByAllLanes(int length) throws Exception {
    exchange(Mesh.connect(3, 3, TransportSecurity.plain()), length, 3);
  }

  @Test
  void lanesCarryEqualParts() throws Exception {
    int length = 8 * Link.FRAME_FLOATS;
    try (FaultyProxy proxy = new FaultyProxy()) {
      exchange(Mesh.through(proxy, Mesh.LONG, 4, TransportSecurity.plain()), length, 1);
      long part = (Link.MAX_PAYLOAD_BYTES + FrameCodec.HEADER_BYTES) * 2L;
      assertThat(proxy.pumpedBytes()).hasSize(4).containsOnly(FaultyProxy.HANDSHAKE_BYTES + part);
    }
  }

  @Test
  void aLaneThatIsCutIsALostPeer() throws Exception {
    try (FaultyProxy proxy = new FaultyProxy().cutAt(FaultyProxy.HANDSHAKE_BYTES + 5000)) {
      List<Transport> transports = Mesh.through(proxy, Mesh.LONG, 2, TransportSecurity.plain());
      assertThat(sendFromRank1(transports).get(0))
          .isInstanceOf(CollectiveException.PeerLost.class)
          .hasMessageContaining("peer rank 1");
    }
  }

  @Test
  void bothEndsMaySendMegabytesAtOnce() throws Exception {
    exchange(Mesh.connect(3), 3_000_001, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 39, 41, 1000})
  void bytesMayComeInSlices(int sliceBytes) throws Exception {
    try (FaultyProxy proxy = new FaultyProxy().slices(sliceBytes)) {
      exchange(Mesh.through(proxy, Mesh.LONG), sliceBytes * 50, 2);
    }
  }

  /** Every rank sends to every other; more rounds than one run on one connection. */
  private static void exchange(List<Transport> transports, int length, int rounds)
      throws Exception {
    RankThreads.runAll(
        transports,
        transport -> {
          int rank = transport.context().rank();
          int worldSize = transport.context().worldSize();
          for (int round = 0; round < rounds; round++) {
            float[] mine = values(rank, round, length);
            float[][] got = new float[worldSize][length + 2];
            for (int peer = 0; peer < worldSize; peer++) {
              if (peer != rank) {
                transport.send(peer, round, mine, 0, length);
                transport.receive(peer, round, got[peer], 1, length + 1);
              }
            }
            transport.await("exchange");
            for (int peer = 0; peer < worldSize; peer++) {
              if (peer != rank) {
                float[] expected = new float[length + 2];
                System.arraycopy(values(peer, round, length), 0, expected, 1, length);
                assertThat(got[peer]).isEqualTo(expected);
              }
            }
          }
        });
  }

  private static float[] values(int rank, int round, int length) {
    Random random = new Random(SEED + 31L * rank + round);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  @Test
  void manySmallMessagesKeepTheirOrder() throws Exception {
    RankThreads.runAll(
        Mesh.connect(2),
        transport -> {
          int peer = 1 - transport.context().rank();
          float[] sent = new float[1000];
          float[] got = new float[1000];
          for (int i = 0; i < sent.length; i++) {
            sent[i] = i;
            transport.send(peer, i, sent, i, i + 1);
            transport.receive(peer, i, got, i, i + 1);
          }
          transport.await("exchange");
          assertThat(got).isEqualTo(sent);
        });
  }

  @Test
  void aFlippedByteIsAWireFormatError() throws Exception {
    for (int offset : new int[] {9, 21, FrameCodec.HEADER_BYTES + 4000}) {
      try (FaultyProxy proxy = new FaultyProxy().flipAt(FaultyProxy.HANDSHAKE_BYTES + offset)) {
        List<Throwable> thrown = sendFromRank1(Mesh.through(proxy, Mesh.LONG));
        assertThat(thrown.get(0))
            .isInstanceOf(CollectiveException.WireFormat.class)
            .hasMessageContaining("CRC32C")
            .hasMessageContaining("rank 1");
      }
    }
  }

  @Test
  void aConnectionThatIsCutInAFrameIsALostPeer() throws Exception {
    try (FaultyProxy proxy = new FaultyProxy().cutAt(FaultyProxy.HANDSHAKE_BYTES + 5000)) {
      List<Throwable> thrown = sendFromRank1(Mesh.through(proxy, Mesh.LONG));
      assertThat(thrown.get(0))
          .isInstanceOf(CollectiveException.PeerLost.class)
          .hasMessageContaining("rank 0 of 2 (attempt 0) in test at step 17")
          .hasMessageContaining("peer rank 1");
    }
  }

  @Test
  void aConnectionThatFallsSilentIsATimeout() throws Exception {
    try (FaultyProxy proxy = new FaultyProxy().stallAt(FaultyProxy.HANDSHAKE_BYTES + 5000)) {
      List<Throwable> thrown = sendFromRank1(Mesh.through(proxy, SHORT));
      assertThat(thrown.get(0))
          .isInstanceOf(CollectiveException.Timeout.class)
          .hasMessageContaining("rank 0 of 2 (attempt 0) in test at step 17")
          .hasMessageContaining("peer rank 1");
    }
  }

  @Test
  void aSlowNetworkIsNoFault() throws Exception {
    // 16 KiB in slices of 400 bytes, 30 ms apart: the whole takes longer than the deadline, but
    // bytes keep moving.
    Duration deadline = Duration.ofMillis(800);
    try (FaultyProxy proxy = new FaultyProxy().slices(400).paceMillis(30)) {
      long startNanos = System.nanoTime();
      List<Throwable> thrown = sendFromRank1(Mesh.through(proxy, deadline));
      assertThat(thrown.get(0)).isNull();
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isGreaterThan(deadline);
    }
  }

  private static List<Throwable> sendFromRank1(List<Transport> transports) throws Exception {
    return RankThreads.run(
        transports,
        transport -> {
          float[] values = new float[4096];
          if (transport.context().rank() == 0) {
            transport.receive(1, 17, values, 0, values.length);
          } else {
            transport.send(0, 17, values, 0, values.length);
          }
          transport.await("test");
          if (transport.context().rank() == 1) {
            // Stays until rank 0 has closed its end: what is tested is the damage, not the end.
            transport.receive(0, 18, values, 0, 1);
            transport.await("end");
          }
        });
  }

  @Test
  void aSilentPeerIsATimeoutWithinTwiceTheDeadline() throws Exception {
    Duration deadline = Duration.ofSeconds(2);
    try (RawPeer peer = new RawPeer(3, deadline)) {
      peer.transport.receive(1, 5, new float[8], 0, 8);
      // A part of a frame is progress, once.
      peer.write(Frames.floats(Mesh.credentials(3), 5, new float[8]).limit(50));
      long startNanos = System.nanoTime();
      assertThatThrownBy(() -> peer.transport.await("reduce-scatter"))
          .isInstanceOf(CollectiveException.Timeout.class)
          .hasMessageContaining("rank 0 of 2 (attempt 3) in reduce-scatter at step 5")
          .hasMessageContaining("peer rank 1");
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
          .isGreaterThanOrEqualTo(deadline)
          .isLessThan(deadline.multipliedBy(2));
    }
  }

  @Test
  void aPeerThatClosesIsLostAtOnceAndNothingMayFollow() throws Exception {
    try (RawPeer peer = new RawPeer(0, Mesh.LONG)) {
      peer.raw.close();
      peer.transport.receive(1, 5, new float[8], 0, 8);
      assertThatThrownBy(() -> peer.transport.await("all-gather"))
          .isInstanceOf(CollectiveException.PeerLost.class)
          .hasRootCauseMessage("the peer closed the connection");
      peer.transport.receive(1, 6, new float[8], 0, 8);
      assertThatThrownBy(() -> peer.transport.await("all-gather"))
          .isInstanceOf(CollectiveException.PeerLost.class);
    }
  }

  @Test
  void whatCameBeforeThePeerFinishedIsStillThere() throws Exception {
    try (RawPeer peer = new RawPeer(0, Mesh.LONG)) {
      peer.write(Frames.floats(Mesh.credentials(0), 5, 1, 2, 3));
      peer.write(Frames.floats(Mesh.credentials(0), 6, 4));
      peer.raw.close();
      float[] got = new float[4];
      peer.transport.receive(1, 5, got, 0, 3);
      peer.transport.await("first");
      peer.transport.receive(1, 6, got, 3, 4);
      peer.transport.await("second");
      assertThat(got).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void framesOfAnOldAttemptAreRefused() throws Exception {
    try (RawPeer peer = new RawPeer(3, Mesh.LONG)) {
      peer.write(Frames.floats(Mesh.credentials(2), 5, 1));
      peer.transport.receive(1, 5, new float[1], 0, 1);
      assertThatThrownBy(() -> peer.transport.await("test"))
          .isInstanceOf(CollectiveException.StaleAttempt.class)
          .hasMessageContaining("attempt 3: got run")
          .hasMessageContaining("attempt 2 from rank 1");
    }
  }

  @Test
  void anotherStepOrLengthIsRefused() throws Exception {
    for (float[] sent : new float[][] {{1}, {1, 2}}) {
      try (RawPeer peer = new RawPeer(0, Mesh.LONG)) {
        peer.write(Frames.floats(Mesh.credentials(0), 4 + sent.length, sent));
        float[] got = new float[3];
        peer.transport.receive(1, 6, got, 0, 1);
        assertThatThrownBy(() -> peer.transport.await("test"))
            .isInstanceOf(CollectiveException.WireFormat.class)
            .hasMessageContaining("expected a frame of 4 bytes of step 6 from rank 1");
        assertThat(got).containsOnly(0);
      }
    }
  }

  @Test
  void anOversizedLengthIsRefused() throws Exception {
    try (RawPeer peer = new RawPeer(0, Mesh.LONG)) {
      peer.write(Frames.header(Mesh.credentials(0), FrameCodec.KIND_FLOATS, Integer.MAX_VALUE));
      peer.transport.receive(1, 0, new float[1], 0, 1);
      assertThatThrownBy(() -> peer.transport.await("test"))
          .isInstanceOf(CollectiveException.WireFormat.class)
          .hasMessageContaining("length must lie in");
    }
  }

  @Test
  void damagedStreamsNeverReachTheArray() throws Exception {
    receiveDamaged(SEED, 150);
  }

  @Test
  @Tag("full")
  void manyDamagedStreamsNeverReachTheArray() throws Exception {
    long seed = Long.getLong("tests.seed", System.nanoTime());
    System.out.println("damaged streams: -Dtests.seed=" + seed);
    receiveDamaged(seed, 10_000);
  }

  private static void receiveDamaged(long seed, int rounds) throws Exception {
    Random random = new Random(seed);
    for (int round = 0; round < rounds; round++) {
      try (RawPeer peer = new RawPeer(0, Mesh.LONG)) {
        float[] sent = values(1, round, 1 + random.nextInt(40));
        ByteBuffer frame = Frames.floats(Mesh.credentials(0), 1, sent);
        byte[] noise = new byte[frame.capacity()];
        random.nextBytes(noise);
        int at = random.nextInt(frame.capacity());
        switch (random.nextInt(3)) {
          case 0 -> frame.put(at, (byte) (frame.get(at) ^ 1 << random.nextInt(8)));
          case 1 -> frame.limit(at);
          default -> frame.put(0, noise);
        }
        peer.write(frame);
        peer.raw.close();
        float[] got = new float[sent.length];
        peer.transport.receive(1, 1, got, 0, got.length);
        assertThatThrownBy(() -> peer.transport.await("test"))
            .as("-Dtests.seed=%d round %d", seed, round)
            .isInstanceOf(CollectiveException.class);
        assertThat(got).containsOnly(0);
      }
    }
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    CountDownLatch ready = new CountDownLatch(1);
    Thread[] waiting = new Thread[1];
    List<Throwable> thrown =
        RankThreads.run(
            Mesh.connect(2),
            transport -> {
              int rank = transport.context().rank();
              if (rank == 0) {
                waiting[0] = Thread.currentThread();
                ready.countDown();
              } else {
                ready.await();
                waiting[0].interrupt();
              }
              transport.receive(1 - rank, 0, new float[1], 0, 1);
              transport.await("receive");
            });
    assertThat(thrown.get(0)).isInstanceOf(CollectiveException.Interrupted.class);
    assertThat(thrown.get(1)).isInstanceOf(CollectiveException.PeerLost.class);
  }

  @Test
  void closingFromAnotherThreadEndsTheWait() throws Exception {
    try (RawPeer peer = new RawPeer(0, Mesh.LONG)) {
      peer.transport.receive(1, 0, new float[1], 0, 1);
      Thread closer = new Thread(peer.transport::close, "backdraft-test-closer");
      closer.start();
      assertThatThrownBy(() -> peer.transport.await("receive"))
          .isInstanceOf(CollectiveException.class);
      closer.join(10_000);
    }
  }
}
