package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.transport.Message;
import org.backdraft.leaf.Leaves;

/**
 * What a worker, or what takes itself for one, may send to a shard: a first byte that says what
 * kind of message it is, then its payload. A shard answers all that can be read.
 */
public final class ShardRequestFuzz {
  private static final ShardPlan PLAN =
      ShardPlan.of(0, 1, 100, 100, BlockBorders.uniform())
          .withRows(List.of(new RowRange(3, 83, 4)));

  private ShardRequestFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) {
    ShardProtocol.Request request;
    try {
      request = ShardProtocol.request(message(bytes));
    } catch (IOException expected) {
      assertThat(expected.getMessage()).isNotEmpty();
      return;
    }
    for (String consistency : new String[] {"bsp", "ssp:1", "async"}) {
      ParameterShard shard = shard(consistency);
      for (int time = 0; time < 2; time++) {
        assertThat(answer(shard, request)).isNotNull();
      }
    }
  }

  static Message message(byte[] bytes) {
    return bytes.length == 0
        ? new Message(0, 0, bytes)
        : new Message(bytes[0] & 0xff, 0, Arrays.copyOfRange(bytes, 1, bytes.length));
  }

  private static ParameterShard shard(String consistency) {
    return new ParameterShard(
        PLAN,
        0,
        new ShardSettings(Consistency.parse(consistency), 2, new Leaves(4), 1, 1 << 16),
        Table.SUM,
        Table.ADDER,
        new float[100]);
  }

  private static Answer answer(ParameterShard shard, ShardProtocol.Request r) {
    Duration none = Duration.ZERO;
    return switch (r.type()) {
      case ShardProtocol.PUSH -> shard.push(r.push());
      case ShardProtocol.PULL ->
          shard.pull(r.epoch(), r.worker(), r.incarnation(), r.clock(), r.block(), none);
      case ShardProtocol.MEASURES ->
          shard.measures(
              r.epoch(), r.worker(), r.incarnation(), r.clock(), r.block(), r.round(), none);
      case ShardProtocol.SETTLE ->
          shard.settle(r.epoch(), r.worker(), r.incarnation(), r.clock(), r.round(), r.known());
      case ShardProtocol.COMPLETE ->
          shard.complete(r.epoch(), r.worker(), r.incarnation(), r.clock());
      case ShardProtocol.FINISH -> shard.finish(r.epoch(), r.worker(), r.incarnation());
      default -> shard.join(r.epoch(), r.worker(), r.incarnation());
    };
  }
}
