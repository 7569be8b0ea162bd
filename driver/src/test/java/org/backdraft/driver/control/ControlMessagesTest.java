package org.backdraft.driver.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.probe.ProbeResult;
import org.backdraft.comm.transport.Message;
import org.backdraft.leaf.LeafRange;
import org.backdraft.ps.ShardSnapshot;
import org.junit.jupiter.api.Test;

class ControlMessagesTest {
  private static final long SEED = Long.getLong("tests.seed", 42);

  @Test
  void recordsComeBackAsTheyWere() throws IOException {
    Hello hello =
        new Hello(3, 2, "höst", 4711, "jvm", "exec-1", 1L << 40, 8, "SIMD 512", "tiles 8x32", true);
    assertThat(Hello.of(hello.toMessage(), 4)).isEqualTo(hello);

    PeerTable table =
        new PeerTable(
            List.of(new PeerTable.Peer("a", 1, "x"), new PeerTable.Peer("b", 65535, "y")),
            List.of(new PeerTable.Peer("c", 2, "z")));
    assertThat(PeerTable.of(table.toMessage(), 2)).isEqualTo(table);
    assertThat(table.inOneJvm()).isFalse();

    Finish finish = new Finish("abc", false);
    assertThat(Finish.of(finish.toMessage(9))).isEqualTo(finish);
    Verdict verdict = new Verdict(5, true, false, 0.1);
    assertThat(Verdict.of(verdict.toMessage())).isEqualTo(verdict);
    FailureReport report =
        new FailureReport(FailureReport.Kind.PEER, 12, 2, "why", Divergence.NONE, "at …");
    assertThat(FailureReport.of(report.toMessage())).isEqualTo(report);
  }

  @Test
  void stepsComeBackInOrderHoweverMany() throws IOException {
    StepRecords records = new StepRecords();
    for (int i = 0; i < 1000; i++) {
      records.add(i / 7, i, i * 0.5, i * 0.25, i % 3, 2 * i, 64, 0.01, 1000L + i);
    }

    StepRecords back = StepRecords.of(records.toMessage());

    assertThat(back.count()).isEqualTo(1000);
    assertThat(back.step(999)).isEqualTo(999);
    assertThat(back.epoch(999)).isEqualTo(142);
    assertThat(back.lossSum(999)).isEqualTo(499.5);
    assertThat(back.denominator(999)).isEqualTo(249.75);
    assertThat(back.correct(998)).isEqualTo(2);
    assertThat(back.labels(999)).isEqualTo(1998);
    assertThat(back.examples(999)).isEqualTo(64);
    assertThat(back.nanos(3)).isEqualTo(1003);
  }

  @Test
  void timesComeBackInOrderHoweverMany() throws IOException {
    TimeRecords records = new TimeRecords();
    for (int i = 0; i < 1000; i++) {
      records.add(i, 4L * i, 3L * i, 2L * i, i, 5L * i);
    }
    records.add(1L << 40, 3_000_000_000L, 0, 0, 0, 0);

    TimeRecords back = TimeRecords.of(records.toMessage());

    assertThat(back.count()).isEqualTo(1001);
    assertThat(back.step(999)).isEqualTo(999);
    assertThat(back.nanos(999, TimeRecords.Part.COMPUTE)).isEqualTo(3996);
    assertThat(back.nanos(999, TimeRecords.Part.COMMUNICATION)).isEqualTo(2997);
    assertThat(back.nanos(999, TimeRecords.Part.WAITING)).isEqualTo(1998);
    assertThat(back.nanos(999, TimeRecords.Part.DATA)).isEqualTo(999);
    assertThat(back.pushedBytes(999)).isEqualTo(4995);
    assertThat(back.step(1000)).isEqualTo(1L << 40);
    assertThat((double) back.nanos(1000, TimeRecords.Part.COMPUTE)).isEqualTo(3e9);
  }

  @Test
  void whatAProbeFoundComesBackAsItWas() throws IOException {
    SyncChoice plain = new SyncChoice(AllReduceAlgorithm.RING, "sync.order=fast", Optional.empty());
    assertThat(SyncChoice.of(plain.toMessage())).isEqualTo(plain);

    ProbeResult result =
        new ProbeResult(
            AllReduceAlgorithm.DIRECT,
            "it is fastest",
            1 << 20,
            16,
            List.of(new ProbeResult.AlgorithmTime(AllReduceAlgorithm.DIRECT, 0.25, 0.5)),
            List.of(1e9, 2e9),
            List.of(
                new ProbeResult.LinkSpeed(0, 1, 3e9, 1e-6),
                new ProbeResult.LinkSpeed(1, 0, 4e9, 2e-6)),
            0.75);
    SyncChoice measured =
        new SyncChoice(AllReduceAlgorithm.DIRECT, "it is fastest", Optional.of(result));
    assertThat(SyncChoice.of(measured.toMessage())).isEqualTo(measured);

    byte[] payload = measured.toMessage().payload();
    for (int length = 0; length < payload.length; length++) {
      Message cut = new Message(MessageKind.CHOICE.code(), 0, Arrays.copyOf(payload, length));
      assertThatThrownBy(() -> SyncChoice.of(cut)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aTimeThatIsNoneIsRefused() {
    for (float forged : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
      Message message =
          new PayloadWriter(32)
              .putInt(1)
              .putLong(7)
              .putFloats(new float[] {0, 0, 0, 0, forged}, 0, 5)
              .message(MessageKind.TIMES, 7);
      assertThatThrownBy(() -> TimeRecords.of(message))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("step 7");
    }
  }

  @Test
  void weightsComeBackWhereverTheyAreCut() throws IOException {
    float[] parameters = new float[10];
    float[] buffers = new float[4];
    for (int i = 0; i < 14; i++) {
      (i < 10 ? parameters : buffers)[i < 10 ? i : i - 10] = i + 1;
    }
    for (int cut = 1; cut <= 14; cut++) {
      float[] gotParameters = new float[10];
      float[] gotBuffers = new float[4];
      for (int begin = 0; begin < 14; begin += cut) {
        int length = Math.min(cut, 14 - begin);
        Message message =
            WeightsChunk.message(MessageKind.WEIGHTS, parameters, buffers, begin, length);
        WeightsChunk.of(MessageKind.WEIGHTS, message).copyTo(gotParameters, gotBuffers);
      }
      assertThat(gotParameters).isEqualTo(parameters);
      assertThat(gotBuffers).isEqualTo(buffers);
    }
  }

  @Test
  void weightsBeyondTheArraysAreRefused() {
    WeightsChunk chunk = new WeightsChunk(3, new float[2]);

    assertThatThrownBy(() -> chunk.copyTo(new float[3], new float[1]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("[3, 5)");
  }

  @Test
  void cutAndForgedMessagesAreRefusedAndNeverTakeMemory() {
    Random random = new Random(SEED);
    Message good =
        new Hello(0, 0, "host", 1, "jvm", "executor", 1, 1, "kernels", "", true).toMessage();
    for (int length = 0; length < good.payload().length; length++) {
      Message cut = new Message(good.type(), 0, Arrays.copyOf(good.payload(), length));
      assertThatThrownBy(() -> Hello.of(cut, 1)).isInstanceOf(IOException.class);
    }
    for (int i = 0; i < 2000; i++) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      Message forged = new Message(3, 0, noise);
      try {
        assertThat(StepRecords.of(forged).count()).isZero();
        assertThat(TimeRecords.of(forged).count()).isZero();
        assertThat(LeafScores.of(forged).range().size()).isZero();
      } catch (IOException e) {
        assertThat(e).as("seed %d, message %d", SEED, i).hasMessageNotContaining("null");
      }
    }
  }

  @Test
  void aRankOutsideTheGangIsRefused() {
    Message message = new Hello(4, 0, "h", 1, "j", "e", 1, 1, "k", "", true).toMessage();

    assertThatThrownBy(() -> Hello.of(message, 4))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("rank")
        .hasMessageContaining("[0, 3]");
  }

  @Test
  void leasesAndWhatIsToldOfThemComeThrough() throws IOException {
    Lease lease = new Lease(1L << 40, Lease.Kind.EVALUATE, 3, 77, new LeafRange(4, 8));
    assertThat(Lease.of(lease.toMessage())).isEqualTo(lease);
    LeaseSums sums = new LeaseSums(5, 1.5, 2.5, 3, 4, 6, 1L << 40, 7);
    assertThat(LeaseSums.of(sums.toMessage(9))).isEqualTo(sums);
    ShardTable table = new ShardTable(2, List.of(new PeerTable.Peer("höst", 4711, "jvm")));
    assertThat(ShardTable.of(table.toMessage())).isEqualTo(table);
  }

  @Test
  void errandsOfShardsComeThrough() throws IOException {
    ShardErrand.Fence fence = new ShardErrand.Fence(3, 2);
    ShardErrand.Snapshot snapshot = new ShardErrand.Snapshot(1, 1L << 40, 5000);
    assertThat(ShardErrand.of(fence.toMessage())).isEqualTo(fence);
    assertThat(ShardErrand.of(snapshot.toMessage())).isEqualTo(snapshot);
    ShardErrand.Host host =
        new ShardErrand.Host(4, 9, new long[] {1, 2}, new int[] {0, 1}, new int[] {5});
    assertThat(ShardErrand.of(host.toMessage())).usingRecursiveComparison().isEqualTo(host);
    ShardErrand.Image image =
        new ShardErrand.Image(
            4,
            new ShardSnapshot.BlockImage(
                7,
                8,
                new float[] {1, 2, 3},
                new float[][] {{4, 5, 6}, {7, 8, 9}},
                new long[] {-1, 6},
                new int[] {0, 1}));
    assertThat(ShardErrand.of(image.toMessage())).usingRecursiveComparison().isEqualTo(image);
    assertThat(ShardNews.of(MessageKind.IMAGE, image.toMessage()))
        .usingRecursiveComparison()
        .isEqualTo(image);
    ShardNews.Taken taken = new ShardNews.Taken(4, 9, true, new long[] {3}, 2);
    assertThat(ShardNews.of(MessageKind.SNAPSHOT_TAKEN, taken.toMessage()))
        .usingRecursiveComparison()
        .isEqualTo(taken);
    ShardNews.Hosted hosted = new ShardNews.Hosted(4, new int[] {80, 81});
    assertThat(ShardNews.of(MessageKind.HOSTED, hosted.toMessage()))
        .usingRecursiveComparison()
        .isEqualTo(hosted);
  }
}
