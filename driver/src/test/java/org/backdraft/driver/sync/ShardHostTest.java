package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.local.LocalDoors;
import org.backdraft.comm.transport.tcp.ControlClient;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.leaf.Leaves;
import org.backdraft.ps.BlockOptimizer;
import org.backdraft.ps.ClientSettings;
import org.backdraft.ps.Consistency;
import org.backdraft.ps.ParameterClient;
import org.backdraft.ps.ParameterShard;
import org.backdraft.ps.ShardException;
import org.backdraft.ps.ShardPlan;
import org.backdraft.ps.ShardSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ShardHostTest {
  private static final String HOST = "127.0.0.1";
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Credentials CREDENTIALS =
      new Credentials(11, 2, new byte[Credentials.SECRET_BYTES]);
  private static final int SIZE = 9000;
  private static final ShardPlan PLAN = ShardPlan.of(0, 1, SIZE, 4096, BlockBorders.uniform());

  private static final BlockOptimizer SUM =
      (block, begin, end, totals, update) -> {
        for (int i = begin; i < end; i++) {
          block.values()[i] += block.sums()[i];
        }
      };

  private static ParameterShard shard() {
    return new ParameterShard(
        PLAN,
        0,
        new ShardSettings(new Consistency(Consistency.Mode.BSP, 0), 2, new Leaves(2), 0, 1 << 20),
        SUM,
        (target, targetBase, source, sourceBase, length) -> {
          for (int i = 0; i < length; i++) {
            target[targetBase + i] += source[sourceBase + i];
          }
        },
        new float[SIZE]);
  }

  private static ShardHost open() throws IOException {
    return ShardHost.open(HOST, HOST, CREDENTIALS, TransportSecurity.plain(), 0, 2);
  }

  private static ParameterClient client(int worker, MessageChannel channel) {
    return new ParameterClient(PLAN, worker, 0, List.of(channel), ClientSettings.of(LONG));
  }

  private static float[] filled(float value) {
    float[] array = new float[SIZE];
    java.util.Arrays.fill(array, value);
    return array;
  }

  private static MessageChannel dial(ShardHost host, Credentials credentials, int rank)
      throws IOException {
    return ControlClient.connect(
        HOST, host.port(), credentials, rank, Duration.ofSeconds(5), ShardHost.MESSAGE_BYTES);
  }

  @Test
  void workersComeBySocketAndByMemoryBeforeTheShardIsThere() throws Exception {
    try (ShardHost host = open();
        ParameterClient near = client(0, LocalDoors.connect(CREDENTIALS, 0, 0));
        ParameterClient far = client(1, dial(host, CREDENTIALS, 1))) {
      host.start(shard());
      assertThat(near.join()).isZero();
      assertThat(far.join()).isZero();
      near.push(0, new float[][] {filled(1)}, new float[1][0]);
      far.push(0, new float[][] {filled(2)}, new float[1][0]);
      float[] values = new float[SIZE];
      far.pull(1, values);
      assertThat(values[0]).isEqualTo(3);
      assertThat(values[SIZE - 1]).isEqualTo(3);
    }
  }

  @Test
  void strangersAndOlderAttemptsStayOutside() throws IOException {
    byte[] guess = new byte[Credentials.SECRET_BYTES];
    guess[0] = 1;
    try (ShardHost host = open()) {
      host.start(shard());
      for (Credentials other :
          List.of(
              new Credentials(11, 2, guess),
              new Credentials(11, 1, new byte[Credentials.SECRET_BYTES]))) {
        assertThatThrownBy(() -> dial(host, other, 0)).isInstanceOf(IOException.class);
      }
      assertThatThrownBy(() -> dial(host, CREDENTIALS, 2)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void nobodySpeaksForAnother() throws Exception {
    try (ShardHost host = open();
        ParameterClient liar = client(1, dial(host, CREDENTIALS, 0))) {
      host.start(shard());
      assertThatThrownBy(liar::join)
          .isInstanceOf(ShardException.Refused.class)
          .hasMessageContaining("Worker 0 must speak for itself: got a request of worker 1");
    }
  }

  @Test
  void whenItClosesWhoWaitsLosesTheShardAtOnce() throws Exception {
    long startNanos = System.nanoTime();
    ShardHost host = open();
    try (ParameterClient early = client(0, dial(host, CREDENTIALS, 0))) {
      host.close();
      assertThatThrownBy(early::join)
          .isInstanceOfSatisfying(ShardException.Lost.class, e -> assertThat(e.shard()).isZero());
    }
    assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(LONG);
    assertThatThrownBy(() -> LocalDoors.connect(CREDENTIALS, 0, 0)).isInstanceOf(IOException.class);
  }
}
