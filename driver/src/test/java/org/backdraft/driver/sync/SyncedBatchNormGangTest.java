package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.transport.Transport;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Network;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.Momentum;
import org.backdraft.plan.Plan;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Gangs whose batch normalizations take statistics over the global batch. */
@Timeout(90)
class SyncedBatchNormGangTest {
  private static final long SEED = Long.getLong("tests.seed", 20261127L);

  /** Of which every third is short, so that some ranks have no examples. */
  private static final int STEPS = 4;

  private static final Network RESNET = ModelZoo.create("resnet20", Shape.of(3, 8, 8), 10);

  /** Batch normalizations, of which each has two sums forward and one back. */
  private static final int LAYERS =
      (int) RESNET.nodes().stream().filter(node -> node.layer() instanceof BatchNorm2d).count();

  private static final int SUMS_OF_A_STEP = 3 * LAYERS;

  private static SyncRank.Setup setup(int bucketBytes) {
    return new SyncRank.Setup(
        RESNET,
        new Momentum(0.9f, false, 1e-4f),
        Clipping.NONE,
        bucketBytes,
        new Plan.Options(1, true));
  }

  private static String train(
      SyncRank.Setup setup, Transport transport, int threads, WatchedCollectives.Event event)
      throws Exception {
    try (SyncRank rank =
        new SyncRank(setup, transport, threads, c -> new WatchedCollectives(c, event))) {
      for (int step = 0; step < STEPS; step++) {
        rank.step();
      }
      return rank.digest();
    }
  }

  private static String digestOfOne() throws Exception {
    return SyncGang.run(1, t -> train(setup(0), t, 1, (operation, begin, end) -> {}))
        .get(0)
        .result();
  }

  static Stream<Arguments> gangs() {
    return Stream.of(2, 3, 4, 5, 8)
        .flatMap(workers -> Stream.of(0, 1, 100_000).map(bytes -> Arguments.of(workers, bytes)));
  }

  @ParameterizedTest
  @MethodSource("gangs")
  void anyGangAndAnyBucketGiveTheBitsOfOneWorker(int workers, int bucketBytes) throws Exception {
    String expected = digestOfOne();
    assertThat(expected).matches("[0-9a-f]{64}");
    SyncRank.Setup setup = setup(bucketBytes);
    // Ranks of one to three threads: what each does between two exchanges differs.
    for (SyncGang.Outcome outcome :
        SyncGang.run(
            workers,
            t -> train(setup, t, 1 + t.context().rank() % 3, (operation, begin, end) -> {}))) {
      assertThat(outcome.thrown()).isNull();
      assertThat(outcome.result()).isEqualTo(expected);
    }
    assertThat(SyncGang.exchangeThreads()).isEmpty();
  }

  @Test
  void statisticsOfLeavesGiveOtherWeights() throws Exception {
    SyncRank.Setup s = setup(0);
    SyncRank.Setup leaves =
        new SyncRank.Setup(s.network(), s.optimizer(), s.clipping(), 0, Plan.Options.DEFAULT);
    String other =
        SyncGang.run(1, t -> train(leaves, t, 1, (operation, begin, end) -> {})).get(0).result();
    assertThat(other).matches("[0-9a-f]{64}").isNotEqualTo(digestOfOne());
  }

  /**
   * Ranks that dawdle at random places exchange the same after the same, on one thread at a time.
   */
  @ParameterizedTest
  @CsvSource({"2,1", "3,1", "3,20000", "5,3000"})
  void noDelayChangesTheOrderOfExchanges(int workers, int bucketBytes) throws Exception {
    String expected = digestOfOne();
    List<List<String>> orders = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      orders.add(Collections.synchronizedList(new ArrayList<>()));
    }
    List<SyncGang.Outcome> outcomes =
        SyncGang.run(
            workers,
            transport -> {
              int rank = transport.context().rank();
              Random random = new Random(SEED + rank);
              AtomicInteger inside = new AtomicInteger();
              return train(
                  setup(bucketBytes),
                  transport,
                  1 + rank % 3,
                  (operation, begin, end) -> {
                    assertThat(inside.incrementAndGet()).as("threads at once").isEqualTo(1);
                    orders.get(rank).add(operation + " " + begin + "-" + end);
                    if (random.nextInt(8) == 0) {
                      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(4000)));
                    }
                    inside.decrementAndGet();
                  });
            });

    for (int rank = 0; rank < workers; rank++) {
      assertThat(outcomes.get(rank).thrown()).as("-Dtests.seed=%d", SEED).isNull();
      assertThat(outcomes.get(rank).result()).isEqualTo(expected);
      assertThat(orders.get(rank))
          .as("rank %d, -Dtests.seed=%d", rank, SEED)
          .isEqualTo(orders.get(0));
    }
    // And the tail of each step.
    assertThat(orders.get(0).stream().filter(each -> each.startsWith("all-reduce")).count())
        .isEqualTo((long) STEPS * (SUMS_OF_A_STEP + 1));
  }

  static IntStream numbers() {
    return IntStream.of(5, 2 * LAYERS + 7, SUMS_OF_A_STEP + 1 + 2 * LAYERS + 12);
  }

  /** In the forward pass, in the backward pass, and in the next step's. */
  @ParameterizedTest
  @MethodSource("numbers")
  void aRankThatDiesAmongBatchSumsEndsAllWithTheNamedError(int number) throws Exception {
    List<SyncGang.Outcome> outcomes =
        SyncGang.run(
            3,
            transport -> {
              AtomicInteger sums = new AtomicInteger();
              return train(
                  setup(1),
                  transport,
                  1,
                  (operation, begin, end) -> {
                    if (transport.context().rank() == 1
                        && operation.equals("all-reduce")
                        && sums.incrementAndGet() == number) {
                      throw new IllegalStateException("the machine burns");
                    }
                  });
            });

    for (int rank = 0; rank < 3; rank++) {
      Throwable thrown = outcomes.get(rank).thrown();
      if (rank == 1) {
        assertThat(thrown)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("the machine burns");
      } else {
        assertThat(thrown).isInstanceOf(CollectiveException.PeerLost.class);
        assertThat(thrown)
            .hasMessageContaining("rank " + rank)
            .hasMessageContaining("step " + number / (SUMS_OF_A_STEP + 1));
      }
    }
    assertThat(SyncGang.exchangeThreads()).isEmpty();
  }

  @Test
  void aWorkerThatIsToldToStopAmongBatchSumsStops() throws Exception {
    List<SyncGang.Outcome> outcomes =
        SyncGang.run(
            2,
            transport -> {
              AtomicInteger sums = new AtomicInteger();
              return train(
                  setup(1),
                  transport,
                  1,
                  (operation, begin, end) -> {
                    if (transport.context().rank() == 1
                        && operation.equals("all-reduce")
                        && sums.incrementAndGet() == 20) {
                      Thread.currentThread().interrupt();
                    }
                  });
            });

    assertThat(outcomes.get(1).thrown())
        .isInstanceOfAny(InterruptedException.class, CollectiveException.Interrupted.class);
    assertThat(outcomes.get(0).thrown()).isInstanceOf(CollectiveException.PeerLost.class);
  }

  /** What a rank waits for in a pass is not computing. */
  @Test
  void theTimeOfBatchSumsIsExchange() throws Exception {
    long delayNanos = TimeUnit.MILLISECONDS.toNanos(2);
    List<SyncGang.Outcome> outcomes =
        SyncGang.run(
            2,
            transport -> {
              WatchedCollectives.Event dawdle =
                  (operation, begin, end) -> {
                    if (end - begin == 16) {
                      long end16 = System.nanoTime() + delayNanos;
                      while (System.nanoTime() - end16 < 0) {
                        LockSupport.parkNanos(delayNanos);
                      }
                    }
                  };
              UnaryOperator<Collectives> around = c -> new WatchedCollectives(c, dawdle);
              try (SyncRank rank = new SyncRank(setup(0), transport, 1, around)) {
                rank.step();
                StepTimes times = rank.times();
                return Long.toString(times.communicationNanos() + times.waitingNanos());
              }
            });

    // Seven layers of 16 channels, each with two sums of as many floats.
    for (SyncGang.Outcome outcome : outcomes) {
      assertThat(Long.parseLong(outcome.result())).isGreaterThan(14 * delayNanos);
    }
  }
}
