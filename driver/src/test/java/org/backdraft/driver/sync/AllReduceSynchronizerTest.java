package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Transport;
import org.backdraft.driver.control.Divergence;
import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.optim.Adam;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.Momentum;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.OptimizerSettings;
import org.backdraft.plan.Plan;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gangs of synchronizers: the bits of one worker, however gradients are cut and sent. */
@Timeout(90)
class AllReduceSynchronizerTest {
  private static final int STEPS = 3;
  private static final Network LENET = ModelZoo.create("lenet5", Shape.of(1, 28, 28), 10);
  private static final Network RESNET = ModelZoo.create("resnet20", Shape.of(3, 8, 8), 10);
  private static final Clipping NORM = new Clipping(0.5f, 0);

  private static Optimizer rule(String name) {
    return OptimizerSettings.defaults(name).create(name);
  }

  private static String train(SyncRank.Setup setup, Transport transport, int threads)
      throws Exception {
    try (SyncRank rank = new SyncRank(setup, transport, threads, UnaryOperator.identity())) {
      for (int step = 0; step < STEPS; step++) {
        rank.step();
      }
      return rank.digest();
    }
  }

  private static void assertOneDigest(SyncRank.Setup setup, int workers, int threads)
      throws Exception {
    SyncRank.Setup plain = setup.withBuckets(0);
    String expected = SyncGang.run(1, t -> train(plain, t, 1)).get(0).result();
    assertThat(expected).matches("[0-9a-f]{64}");
    for (SyncGang.Outcome outcome : SyncGang.run(workers, t -> train(setup, t, threads))) {
      assertThat(outcome.thrown()).isNull();
      assertThat(outcome.result())
          .as("%s, %d workers, %d bytes", setup.optimizer(), workers, setup.bucketBytes())
          .isEqualTo(expected);
    }
    assertThat(SyncGang.exchangeThreads()).isEmpty();
  }

  static Stream<Arguments> gangs() {
    return Stream.of(1, 2, 3, 4, 5)
        .flatMap(workers -> Stream.of(1, 100_000, 4 << 20).map(b -> Arguments.of(workers, b)));
  }

  @ParameterizedTest
  @MethodSource("gangs")
  void anyGangAndAnyBucketGiveTheBitsOfOneWorker(int workers, int bucketBytes) throws Exception {
    Optimizer momentum = new Momentum(0.9f, false, 1e-4f);
    assertOneDigest(new SyncRank.Setup(LENET, momentum, NORM, bucketBytes), workers, 1);
    Optimizer adam = Adam.standard();
    assertOneDigest(new SyncRank.Setup(RESNET, adam, Clipping.NONE, bucketBytes), workers, 2);
  }

  static Stream<Arguments> rules() {
    return OptimizerSettings.names().stream()
        .flatMap(
            name ->
                Stream.of(
                    Arguments.of(name, Clipping.NONE),
                    Arguments.of(name, NORM),
                    Arguments.of(name, new Clipping(0, 0.05f))));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void anyOptimizerGivesTheBitsOfOneWorker(String name, Clipping clipping) throws Exception {
    for (int workers : new int[] {2, 3}) {
      assertOneDigest(new SyncRank.Setup(RESNET, rule(name), clipping, 50_000), workers, 1);
    }
  }

  /** Trains with a step in the middle that is not finite, or without it. */
  private static String trainAround(SyncRank.Setup setup, Transport transport, float poison)
      throws Exception {
    return trainAround(setup, transport, poison, UnaryOperator.identity());
  }

  private static String trainAround(
      SyncRank.Setup setup, Transport transport, float poison, UnaryOperator<Collectives> around)
      throws Exception {
    try (SyncRank rank = new SyncRank(setup, transport, 1, around)) {
      rank.step();
      rank.step();
      if (poison == 0) {
        rank.leaveOut();
      } else {
        assertThat(rank.poisoned(poison).isNonFinite(0)).isTrue();
      }
      rank.step();
      return rank.digest();
    }
  }

  static Stream<Arguments> poisons() {
    return Stream.of(1, 2, 3, 4)
        .flatMap(
            workers ->
                Stream.of(
                    Arguments.of(workers, 0, Float.NaN),
                    Arguments.of(workers, 1, Float.NaN),
                    Arguments.of(workers, 0, 3e38f),
                    Arguments.of(workers, 1, 3e38f)));
  }

  @ParameterizedTest
  @MethodSource("poisons")
  void aStepThatIsNotFiniteLeavesNoTraceOnAnyGang(int workers, int bucketBytes, float poison)
      throws Exception {
    Network net = Float.isNaN(poison) ? tiny() : perceptron();
    SyncRank.Setup setup = new SyncRank.Setup(net, Adam.standard(), NORM, bucketBytes).skipping();
    SyncRank.Setup plain = setup.withBuckets(0);
    String expected = SyncGang.run(1, t -> trainAround(plain, t, 0)).get(0).result();
    for (SyncGang.Outcome outcome : SyncGang.run(workers, t -> trainAround(setup, t, poison))) {
      assertThat(outcome.thrown()).isNull();
      assertThat(outcome.result()).isEqualTo(expected);
    }
    assertThat(SyncGang.exchangeThreads()).isEmpty();
  }

  /** The gradient of one rank, or of the only one, becomes a NaN on its way. */
  private static String trainPoisoned(SyncRank.Setup setup, Transport transport) throws Exception {
    boolean isLast = transport.context().rank() == transport.context().worldSize() - 1;
    UnaryOperator<Collectives> around = c -> isLast ? new PoisonedCollectives(c, 2) : c;
    return trainAround(setup, transport, 1e-3f, around);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "3, 1"})
  void aGradientThatIsNotFiniteLeavesNoTraceOnAnyRank(int workers, int bucketBytes)
      throws Exception {
    SyncRank.Setup setup =
        new SyncRank.Setup(tiny(), Adam.standard(), NORM, bucketBytes).skipping();
    SyncRank.Setup plain = setup.withBuckets(0);
    String expected = SyncGang.run(1, t -> trainAround(plain, t, 0)).get(0).result();
    for (SyncGang.Outcome outcome : SyncGang.run(workers, t -> trainPoisoned(setup, t))) {
      assertThat(outcome.thrown()).isNull();
      assertThat(outcome.result()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, LOSS", "3, LOSS", "1, GRADIENT", "2, GRADIENT"})
  void aStepThatIsNotFiniteEndsAllRanksAtTheSameStep(int workers, Divergence.Reason reason)
      throws Exception {
    SyncRank.Setup setup = new SyncRank.Setup(perceptron(), Adam.standard(), NORM, 1);
    SyncGang.Body body =
        reason == Divergence.Reason.LOSS
            ? t -> trainAround(setup, t, Float.NaN)
            : t -> trainPoisoned(setup, t);
    int withLayer = 0;
    for (SyncGang.Outcome outcome : SyncGang.run(workers, body)) {
      assertThat(outcome.thrown()).isInstanceOf(DivergedException.class);
      DivergedException e = (DivergedException) outcome.thrown();
      assertThat(e.step()).isEqualTo(2);
      assertThat(e.divergence().reason()).isEqualTo(reason);
      int layer =
          reason == Divergence.Reason.LOSS
              ? e.divergence().layer()
              : e.divergence().gradientLayer();
      withLayer += layer >= 0 ? 1 : 0;
      assertThat(e.divergence().examples().isEmpty())
          .isEqualTo(reason == Divergence.Reason.GRADIENT || layer < 0);
    }
    assertThat(withLayer).isPositive();
  }

  private static Network perceptron() {
    return Network.named("perceptron", Shape.of(3, 6, 6))
        .add("flatten", new Flatten())
        .add("fc1", Linear.of(10))
        .build();
  }

  /** Does something before each reduce-scatter, counted from 1. */
  private static String trainWatched(Transport transport, IntConsumer event) throws Exception {
    SyncRank.Setup setup = new SyncRank.Setup(RESNET, Adam.standard(), Clipping.NONE, 1);
    AtomicInteger count = new AtomicInteger();
    WatchedCollectives.Event counted =
        (operation, begin, end) -> {
          if (operation.equals("reduce-scatter")) {
            event.accept(count.incrementAndGet());
          }
        };
    UnaryOperator<Collectives> around = c -> new WatchedCollectives(c, counted);
    try (SyncRank rank = new SyncRank(setup, transport, 1, around)) {
      for (int step = 0; step < STEPS; step++) {
        rank.step();
      }
      return rank.digest();
    }
  }

  /** Buckets of a block each: more than 100 in a step of the network. */
  private static final int SECOND_STEP = 150;

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aRankThatDiesAmongBucketsEndsAllWithTheNamedError(int workers) throws Exception {
    List<SyncGang.Outcome> outcomes =
        SyncGang.run(
            workers,
            transport ->
                trainWatched(
                    transport,
                    number -> {
                      if (transport.context().rank() == 1 && number == SECOND_STEP) {
                        throw new IllegalStateException("the machine burns");
                      }
                    }));

    for (int rank = 0; rank < workers; rank++) {
      Throwable thrown = outcomes.get(rank).thrown();
      if (rank == 1) {
        assertThat(thrown)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("the machine burns");
      } else {
        assertThat(thrown).isInstanceOf(CollectiveException.PeerLost.class);
        assertThat(thrown).hasMessageContaining("rank " + rank).hasMessageContaining("step 1");
      }
    }
    assertThat(SyncGang.exchangeThreads()).isEmpty();
  }

  @Test
  void aWorkerThatIsToldToStopAmongBucketsStops() throws Exception {
    List<SyncGang.Outcome> outcomes =
        SyncGang.run(
            2,
            transport -> {
              Thread worker = Thread.currentThread();
              return trainWatched(
                  transport,
                  number -> {
                    if (transport.context().rank() == 1 && number == SECOND_STEP) {
                      worker.interrupt();
                    }
                  });
            });

    assertThat(outcomes.get(1).thrown())
        .isInstanceOfAny(InterruptedException.class, CollectiveException.Interrupted.class);
    assertThat(outcomes.get(0).thrown()).isInstanceOf(CollectiveException.PeerLost.class);
    assertThat(SyncGang.exchangeThreads()).isEmpty();
  }

  private record Alone(RankContext context) implements Transport {
    @Override
    public void send(int peer, long step, float[] source, int begin, int end) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void receive(int peer, long step, float[] target, int begin, int end) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void await(String operation) {}

    @Override
    public long waitedNanos() {
      return 0;
    }

    @Override
    public void close() {}
  }

  private static Network tiny() {
    return Network.named("tiny", Shape.of(3, 6, 6))
        .add("conv1", Conv2d.of(8, 3).padding(1))
        .add("bn1", new BatchNorm2d())
        .add("relu1", Activation.relu())
        .add("flatten", new Flatten())
        .add("fc1", Linear.of(20))
        .add("fc2", Linear.of(10))
        .build();
  }

  @ParameterizedTest
  @CsvSource({"1,false", "0,false", "1,true", "0,true"})
  void stepsAllocateNothing(int bucketBytes, boolean synced) throws Exception {
    ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Optimizer momentum = new Momentum(0.9f, true, 0);
    Plan.Options options = new Plan.Options(1, synced);
    SyncRank.Setup setup = new SyncRank.Setup(tiny(), momentum, NORM, bucketBytes, options);
    Transport alone = new Alone(new RankContext(0, 2, 0));
    long allocated = Long.MAX_VALUE;
    try (SyncRank rank = new SyncRank(setup, alone, 1, c -> new NoPeers())) {
      rank.step();
      List<Thread> exchange = SyncGang.exchangeThreads();
      assertThat(exchange).hasSize(bucketBytes == 0 ? 0 : 1);
      long[] ids =
          Stream.concat(Stream.of(Thread.currentThread()), exchange.stream())
              .mapToLong(Thread::getId)
              .toArray();
      // Compilation happens beside us: rounds go on until one is clean.
      for (int round = 0; round < 400 && allocated > 0; round++) {
        long before = allocated(memory, ids);
        long own = allocated(memory, ids) - before;
        for (int step = 0; step < 20; step++) {
          rank.repeat();
        }
        allocated = allocated(memory, ids) - before - 2 * own;
      }
    }
    assertThat(allocated).as("bytes in 20 steps").isLessThanOrEqualTo(0);
    assertThat(SyncGang.exchangeThreads()).isEmpty();
  }

  private static long allocated(ThreadMXBean memory, long[] ids) {
    long sum = 0;
    for (long id : ids) {
      sum += memory.getThreadAllocatedBytes(id);
    }
    return sum;
  }
}
