package org.backdraft.comm.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.comm.transport.tcp.Mesh;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@link Transport#waitedNanos} promises, over both transports. */
@Timeout(60)
class WaitedTimeTest {
  private static final int LENGTH = 100_000;
  private static final long LATE_NANOS = Duration.ofMillis(20).toNanos();

  @Test
  void overMemoryTheRankThatComesFirstHasWaited() throws Exception {
    LocalGang gang = new LocalGang(2, 0, Duration.ofSeconds(30));
    firstWaitsForSecond(List.of(gang.join(0), gang.join(1)));
  }

  @Test
  void overTcpTheRankThatComesFirstHasWaited() throws Exception {
    firstWaitsForSecond(Mesh.connect(2));
  }

  @Test
  void whoOnlySendsDoesNotWait() throws Exception {
    List<Transport> transports = Mesh.connect(2);
    RankThreads.runAll(
        transports,
        transport -> {
          if (transport.context().rank() == 0) {
            transport.send(1, 0, new float[LENGTH], 0, LENGTH);
          } else {
            transport.receive(0, 0, new float[LENGTH], 0, LENGTH);
          }
          transport.await("test");
        });
    assertThat(transports.get(0).waitedNanos()).isZero();
  }

  private static void firstWaitsForSecond(List<Transport> transports) throws Exception {
    Transport first = transports.get(0);
    RankThreads.runAll(
        transports,
        transport -> {
          int peer = 1 - transport.context().rank();
          // The clock can be read while the first rank waits, and goes on.
          while (peer == 0 && first.waitedNanos() < LATE_NANOS) {
            Thread.onSpinWait();
          }
          transport.send(peer, 0, new float[LENGTH], 0, LENGTH);
          transport.receive(peer, 0, new float[LENGTH], 0, LENGTH);
          transport.await("test");
        });
    assertThat(first.waitedNanos()).isGreaterThanOrEqualTo(LATE_NANOS);
    assertThat(transports.get(1).waitedNanos()).isLessThan(first.waitedNanos());
    long after = first.waitedNanos();
    assertThat(first.waitedNanos()).as("nothing runs after the wait").isEqualTo(after);
  }
}
