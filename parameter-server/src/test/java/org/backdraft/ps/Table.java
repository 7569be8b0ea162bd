package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.local.LocalChannel;
import org.backdraft.concurrent.NamedThreadFactory;

/** A table, its shards and their servers in this JVM, for tests; workers as threads. */
final class Table implements AutoCloseable {
  static final Adder ADDER =
      (target, targetBase, source, sourceBase, length) -> {
        for (int i = 0; i < length; i++) {
          target[targetBase + i] += source[sourceBase + i];
        }
      };

  /** Momentum: {@code v = 0.9·v + g/d; w −= 0.1·v}; the denominator is the only total. */
  static final BlockOptimizer MOMENTUM =
      new BlockOptimizer() {
        @Override
        public int stateSlots() {
          return 1;
        }

        @Override
        public void update(Block block, int begin, int end, float[] totals, long update) {
          for (int i = begin; i < end; i++) {
            block.state()[0][i] = 0.9f * block.state()[0][i] + block.sums()[i] / totals[0];
            block.values()[i] -= 0.1f * block.state()[0][i];
          }
        }
      };

  /** Adds sums to the values: what comes out is the sum of all pushes. */
  static final BlockOptimizer SUM =
      (block, begin, end, totals, update) -> {
        for (int i = begin; i < end; i++) {
          block.values()[i] += block.sums()[i];
        }
      };

  /** What a worker does. */
  @FunctionalInterface
  interface Body {
    void run(int worker, ParameterClient client) throws Exception;
  }

  final ShardPlan plan;
  final ShardSettings settings;
  final List<ParameterShard> shards = new ArrayList<>();
  private final List<ShardServer> servers = new ArrayList<>();

  Table(ShardPlan plan, ShardSettings settings, BlockOptimizer optimizer, float[] start) {
    this.plan = plan;
    this.settings = settings;
    for (int shard = 0; shard < plan.shards(); shard++) {
      add(new ParameterShard(plan, shard, settings, optimizer, ADDER, start));
    }
  }

  private Table(ShardPlan plan, ShardSettings settings) {
    this.plan = plan;
    this.settings = settings;
  }

  static Table restored(
      ShardPlan plan,
      ShardSettings settings,
      BlockOptimizer optimizer,
      List<ShardSnapshot> snapshots) {
    Table table = new Table(plan, settings);
    for (int shard = 0; shard < plan.shards(); shard++) {
      table.add(ParameterShard.restore(plan, shard, settings, optimizer, ADDER, snapshots));
    }
    return table;
  }

  private void add(ParameterShard shard) {
    shards.add(shard);
    servers.add(new ShardServer(shard));
  }

  ShardServer server(int shard) {
    return servers.get(shard);
  }

  ParameterClient client(int worker, Duration deadline) {
    return client(worker, 0, ClientSettings.of(deadline), channel -> channel);
  }

  /**
   * @param wrap of both ends of every channel
   */
  ParameterClient client(
      int worker,
      int incarnation,
      ClientSettings clientSettings,
      UnaryOperator<MessageChannel> wrap) {
    List<MessageChannel> channels = new ArrayList<>();
    for (ShardServer server : servers) {
      List<MessageChannel> ends = LocalChannel.pair();
      server.serve(worker, wrap.apply(ends.get(1)));
      channels.add(wrap.apply(ends.get(0)));
    }
    return new ParameterClient(plan, worker, incarnation, channels, clientSettings);
  }

  /** Runs all workers as threads; none may fail. */
  void run(ClientSettings clientSettings, UnaryOperator<MessageChannel> wrap, Body body)
      throws Exception {
    List<ParameterClient> clients = new ArrayList<>();
    for (int worker = 0; worker < settings.workers(); worker++) {
      clients.add(client(worker, 0, clientSettings, wrap));
    }
    run(clients, body);
  }

  void run(Body body) throws Exception {
    run(ClientSettings.of(Duration.ofSeconds(20)), channel -> channel, body);
  }

  static void run(List<ParameterClient> clients, Body body) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(clients.size(), new NamedThreadFactory("test-worker"));
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int worker = 0; worker < clients.size(); worker++) {
        int self = worker;
        futures.add(
            threads.submit(
                () -> {
                  try (ParameterClient client = clients.get(self)) {
                    body.run(self, client);
                  }
                  return null;
                }));
      }
      for (Future<?> future : futures) {
        try {
          future.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          throw new AssertionError("a worker failed", e.getCause());
        }
      }
    } finally {
      threads.shutdownNow();
      assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).as("workers end").isTrue();
    }
  }

  float[] values() {
    float[] values = new float[plan.size()];
    for (ParameterShard shard : shards) {
      for (ShardSnapshot.BlockImage image : shard.images()) {
        System.arraycopy(
            image.values(), 0, values, plan.begin(image.block()), image.values().length);
      }
    }
    return values;
  }

  /** As an assertion on arrays, which would print all of them. */
  static void assertBits(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      if (Float.floatToRawIntBits(found[i]) != Float.floatToRawIntBits(expected[i])) {
        throw new AssertionError(
            "element %d must be %s: got %s".formatted(i, expected[i], found[i]));
      }
    }
  }

  long duplicates() {
    return shards.stream().mapToLong(ParameterShard::duplicates).sum();
  }

  @Override
  public void close() {
    for (ShardServer server : servers) {
      server.close();
    }
  }
}
