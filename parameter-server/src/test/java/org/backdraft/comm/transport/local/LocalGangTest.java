package org.backdraft.comm.transport.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.Transport;
import org.junit.jupiter.api.Test;

class LocalGangTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void messagesArriveInTheOrderOfPosting() throws Exception {
    RankThreads.runAll(
        gang(2, LONG),
        transport -> {
          int peer = 1 - transport.context().rank();
          float[] mine = {10 * transport.context().rank(), 10 * transport.context().rank() + 1};
          float[] got = new float[4];
          for (int round = 0; round < 100; round++) {
            // More than the queues' first capacity at once.
            for (int i = 0; i < 20; i++) {
              transport.send(peer, round, mine, i % 2, i % 2 + 1);
              transport.receive(peer, round, got, 1 + i % 2, 2 + i % 2);
            }
            transport.await("exchange");
            assertThat(got).containsExactly(0, 10 * peer, 10 * peer + 1, 0);
          }
        });
  }

  @Test
  void aPeerThatNeverComesIsATimeoutThatNamesBoth() {
    try (Transport transport = new LocalGang(3, 7, Duration.ofMillis(50)).join(2)) {
      transport.receive(1, 42, new float[3], 0, 3);
      assertThatThrownBy(() -> transport.await("reduce-scatter"))
          .isInstanceOf(CollectiveException.Timeout.class)
          .hasMessageContaining("rank 2 of 3 (attempt 7) in reduce-scatter at step 42")
          .hasMessageContaining("peer rank 1");
    }
  }

  @Test
  void aRankThatClosesFailsThoseThatWaitForItAndTheRestAtOnce() throws Exception {
    List<Throwable> thrown =
        RankThreads.run(
            gang(3, LONG),
            transport -> {
              int rank = transport.context().rank();
              if (rank == 2) {
                return; // closes
              }
              // Rank 0 waits for rank 1, which waits for the one that is gone.
              transport.receive(rank + 1, 5, new float[1], 0, 1);
              transport.await("all-gather");
            });
    assertThat(thrown.get(0)).isInstanceOf(CollectiveException.PeerLost.class);
    assertThat(thrown.get(1))
        .isInstanceOf(CollectiveException.PeerLost.class)
        .hasMessageContaining("peer rank 2");
    assertThat(thrown.get(2)).isNull();
  }

  @Test
  void aSendThatNobodyTakesFails() throws Exception {
    List<Throwable> thrown =
        RankThreads.run(
            gang(2, LONG),
            transport -> {
              if (transport.context().rank() == 0) {
                transport.send(1, 0, new float[1], 0, 1);
                transport.await("send");
              }
            });
    assertThat(thrown.get(0)).isInstanceOf(CollectiveException.PeerLost.class);
  }

  @Test
  void unequalLengthsOrStepsAreWireFormatErrors() throws Exception {
    for (int[] lengthAndStep : new int[][] {{4, 0}, {3, 1}}) {
      List<Throwable> thrown =
          RankThreads.run(
              gang(2, LONG),
              transport -> {
                if (transport.context().rank() == 0) {
                  transport.send(1, 0, new float[3], 0, 3);
                } else {
                  transport.receive(0, lengthAndStep[1], new float[4], 0, lengthAndStep[0]);
                }
                transport.await("exchange");
              });
      assertThat(thrown.get(1))
          .isInstanceOf(CollectiveException.WireFormat.class)
          .hasMessageContaining("from rank 0 in exchange: got 3 of step 0");
      assertThat(thrown.get(0)).isInstanceOf(CollectiveException.PeerLost.class);
    }
  }

  @Test
  void anInterruptEndsTheWaitAndTheGang() throws Exception {
    CountDownLatch ready = new CountDownLatch(1);
    Thread[] waiting = new Thread[1];
    List<Throwable> thrown =
        RankThreads.run(
            gang(2, LONG),
            transport -> {
              if (transport.context().rank() == 0) {
                waiting[0] = Thread.currentThread();
                ready.countDown();
                transport.receive(1, 0, new float[1], 0, 1);
                transport.await("receive");
              } else {
                ready.await();
                waiting[0].interrupt();
                transport.receive(0, 0, new float[1], 0, 1);
                transport.await("receive");
              }
            });
    assertThat(thrown.get(0)).isInstanceOf(CollectiveException.Interrupted.class);
    assertThat(thrown.get(1)).isInstanceOf(CollectiveException.PeerLost.class);
  }

  @Test
  void rejectsWhatNoRankMayPost() {
    LocalGang gang = new LocalGang(2, 0, LONG);
    try (Transport transport = gang.join(0)) {
      assertThatThrownBy(() -> transport.send(0, 0, new float[1], 0, 1))
          .hasMessageContaining("another rank in [0, 2): got 0");
      assertThatThrownBy(() -> transport.receive(2, 0, new float[1], 0, 1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> transport.receive(1, 0, new float[1], 0, 2))
          .hasMessageContaining("[0, 2) of 1 elements");
      assertThatThrownBy(() -> gang.join(0)).hasMessageContaining("already joined");
    }
  }

  @Test
  void ranksMeetByRunAndAttemptAndLeaveNothingBehind() throws Exception {
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      transports.add(MeetingPlace.join(11, new RankContext(rank, 2, 3), LONG));
    }
    Transport other = MeetingPlace.join(11, new RankContext(0, 1, 4), LONG);
    assertThat(MeetingPlace.gangs()).isEqualTo(2);
    assertThatThrownBy(() -> MeetingPlace.join(11, new RankContext(2, 3, 3), LONG))
        .hasMessageContaining("rank 2 came with 3, others with 2");
    assertThatThrownBy(() -> MeetingPlace.join(11, new RankContext(1, 2, 3), LONG))
        .isInstanceOf(IllegalStateException.class);
    RankThreads.runAll(
        transports,
        transport -> {
          float[] got = new float[1];
          int rank = transport.context().rank();
          transport.send(1 - rank, 0, new float[] {rank + 5}, 0, 1);
          transport.receive(1 - rank, 0, got, 0, 1);
          transport.await("exchange");
          assertThat(got[0]).isEqualTo(6 - rank);
        });
    other.close();
    assertThat(MeetingPlace.gangs()).isZero();
  }

  private static List<Transport> gang(int worldSize, Duration deadline) {
    LocalGang gang = new LocalGang(worldSize, 0, deadline);
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      transports.add(gang.join(rank));
    }
    return transports;
  }
}
