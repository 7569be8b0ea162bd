package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.compression.Compression;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.ps.Consistency;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ReplicaAverageTest {
  private static final int LENGTH = 70_000;
  private static final Adder ADDER =
      (target, a, source, b, count) -> {
        for (int i = 0; i < count; i++) {
          target[a + i] += source[b + i];
        }
      };

  /** What a rank does. */
  private interface Body {
    float[] run(ReplicaAverage average, int rank) throws Exception;
  }

  private static List<float[]> run(int worldSize, Body body) throws Exception {
    LocalGang gang = new LocalGang(worldSize, 0, Duration.ofSeconds(30));
    ExecutorService threads =
        Executors.newFixedThreadPool(worldSize, new NamedThreadFactory("test-rank"));
    try {
      List<Future<float[]>> futures = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        Transport transport = gang.join(rank);
        futures.add(
            threads.submit(
                () -> {
                  try (transport) {
                    ReplicaAverage average =
                        new ReplicaAverage(
                            new ExactAllReduce(transport, ADDER),
                            transport.context(),
                            new float[LENGTH]);
                    return body.run(average, transport.context().rank());
                  }
                }));
      }
      List<float[]> results = new ArrayList<>();
      for (Future<float[]> future : futures) {
        results.add(future.get(30, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static float[] values(int rank) {
    Random random = new Random(rank);
    float[] values = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      values[i] = i % 5 == 0 ? 0.1f : random.nextFloat(); // some that no rank moves
    }
    return values;
  }

  private static float[] anchor() {
    float[] anchor = new float[LENGTH];
    Arrays.fill(anchor, 0.1f);
    return anchor;
  }

  private static float weight(int rank, int worldSize) {
    return 2f * (rank + 1) / (worldSize * (worldSize + 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void allRanksGetTheWeightedMean(int worldSize) throws Exception {
    double[] expected = new double[LENGTH];
    for (int rank = 0; rank < worldSize; rank++) {
      float[] values = values(rank);
      for (int i = 0; i < LENGTH; i++) {
        expected[i] += (double) weight(rank, worldSize) * values[i];
      }
    }
    List<float[]> plain =
        run(
            worldSize,
            (average, rank) -> {
              float[] values = values(rank);
              average.mean(values, weight(rank, worldSize), 3);
              return values;
            });
    List<float[]> anchored =
        run(
            worldSize,
            (average, rank) -> {
              float[] values = values(rank);
              float[] anchor = anchor();
              average.mean(values, anchor, weight(rank, worldSize), 3);
              assertThat(anchor).isEqualTo(values);
              return values;
            });
    for (List<float[]> results : List.of(plain, anchored)) {
      for (float[] each : results) {
        assertThat(each).isEqualTo(results.get(0));
      }
      double error = 0;
      for (int i = 0; i < LENGTH; i++) {
        error = Math.max(error, Math.abs(results.get(0)[i] - expected[i]));
      }
      assertThat(error).isCloseTo(0, within(1e-6));
    }
    for (int i = 0; i < LENGTH; i += 5) {
      assertThat(anchored.get(0)[i]).isEqualTo(0.1f);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 5})
  void sumsAreTheSameOnAllRanks(int worldSize) throws Exception {
    List<float[]> results =
        run(
            worldSize,
            (average, rank) -> {
              float[] values = {rank + 1, 10, 100, -7};
              average.sum(values, 3, 5);
              return values;
            });
    for (float[] each : results) {
      assertThat(each)
          .containsExactly(worldSize * (worldSize + 1) / 2f, 10 * worldSize, 100 * worldSize, -7);
    }
  }

  @Test
  void theArraysOfAStrategyCountAsMemory() {
    SyncSpec onebit = spec(SyncSpec.Strategy.ALL_REDUCE, "onebit", 1);
    SyncSpec bf16 = spec(SyncSpec.Strategy.ALL_REDUCE, "bf16", 1);
    SyncSpec local = spec(SyncSpec.Strategy.LOCAL_SGD, "none", 4);
    assertThat(spec(SyncSpec.Strategy.ALL_REDUCE, "none", 1).workerArrays(3)).isZero();
    assertThat(onebit.workerArrays(1)).isZero();
    assertThat(onebit.workerArrays(3)).isEqualTo(1);
    assertThat(bf16.workerArrays(3)).isZero();
    assertThat(local.workerArrays(1)).isEqualTo(1);
    assertThat(local.workerArrays(3)).isEqualTo(1);
    assertThat(local.workerArrays(5)).isEqualTo(2);
    ParameterSpec weight =
        new ParameterSpec("w", Shape.of(1 << 16), ParameterSpec.Role.WEIGHT, 1, 1);
    ParameterBlocks blocks = new ParameterBlocks(new ParameterTable(List.of(weight)));
    assertThat(onebit.ownedParameters(blocks, 4)).isLessThan(blocks.end(blocks.count() - 1));
    assertThat(local.ownedParameters(blocks, 4)).isEqualTo(blocks.end(blocks.count() - 1));
  }

  private static SyncSpec spec(SyncSpec.Strategy strategy, String compression, int averageEvery) {
    return new SyncSpec(
        strategy,
        new Consistency(Consistency.Mode.BSP, 0),
        SyncSpec.Placement.EXECUTORS,
        0,
        new ExchangeSpec.Usual(),
        0,
        new SyncSpec.Economy(Compression.parse("test", compression), averageEvery, false));
  }
}
