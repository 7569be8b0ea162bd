package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.backdraft.driver.config.LossConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.sync.Updates;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.optim.Optimizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs with {@code sync.strategy=parameter-server} beside those of an all-reduce. */
@Timeout(90)
class ParameterServerTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingReport train(TrainingConfig config, ThreadCluster.Body body)
      throws IOException {
    return new TrainingJob(config, TestNets::wide, ThreadCluster.provider(body), SILENT).run();
  }

  private static TrainingReport train(TrainingConfig config) throws IOException {
    return train(config, ThreadCluster.WORKER);
  }

  private static void assertLikeAllReduce(TrainingConfig config, String placement, int shards)
      throws IOException {
    TrainingReport expected = train(config.placedOn(1, 1));
    TrainingReport found = train(TestConfigs.withParameterServer(config, placement, shards));

    assertThat(found.weightsSha256()).isEqualTo(expected.weightsSha256());
    assertThat(found.validationLoss()).isEqualTo(expected.validationLoss());
    assertThat(found.steps()).isEqualTo(expected.steps());
  }

  @ParameterizedTest
  @CsvSource({
    "executors, 1, 0",
    "executors, 2, 0",
    "executors, 3, 0",
    "executors, 4, 0",
    "executors, 4, 2",
    "driver, 1, 0",
    "driver, 2, 0",
    "driver, 3, 2",
    "driver, 4, 3",
    "driver, 2, 16"
  })
  void theWeightsAreThoseOfAnAllReduce(String placement, int workers, int shards)
      throws IOException {
    assertLikeAllReduce(TestConfigs.small(workers, 1, 2, 0.05f), placement, shards);
  }

  @ParameterizedTest
  @CsvSource({
    "sgd, 0, 0",
    "sgd, 0, 0.01",
    "sgd, 0.5, 0",
    "nesterov, 0, 0",
    "adam, 0, 0",
    "adamw, 0.5, 0",
    "rmsprop, 0, 0",
    "adagrad, 0, 0",
    "rprop, 0, 0",
    "barzilai-borwein, 0.5, 0",
    "lars, 0.5, 0",
    "lamb, 0, 0",
    "lamb, 0.5, 0",
    "lamb, 0, 0.01"
  })
  void everyOptimizerAndClippingHasTheBitsOfAnAllReduce(
      String optimizer, float clip, float clipValue) throws IOException {
    TrainingConfig config =
        Configs.with(
            TestConfigs.small(3, 1, 1, 0.05f),
            "loss",
            new LossConfig("softmax-cross-entropy", 0.1f, "0.5,1,2,1.5", -100, 1, 1, ""),
            "optimizer",
            OptimizerConfig.defaults(optimizer),
            "train.clip",
            clip,
            "train.clip-value",
            clipValue);

    assertLikeAllReduce(config, "executors", 2);
    assertLikeAllReduce(config, "driver", 2);
  }

  @Test
  void trainingGoesOnFromGivenWeights() throws IOException {
    TrainingReport first = train(TestConfigs.small(1, 1, 1, 0.05f));
    for (String placement : new String[] {"executors", "driver"}) {
      TrainingReport second =
          new TrainingJob(
                  TestConfigs.withParameterServer(TestConfigs.small(2, 1, 1, 1e-30f), placement, 0),
                  TestNets::wide,
                  ThreadCluster.provider(ThreadCluster.WORKER),
                  SILENT)
              .startingWith(network -> first.weights())
              .run();

      assertThat(parameterHash(second)).isEqualTo(parameterHash(first));
    }
  }

  private static int parameterHash(TrainingReport report) {
    return java.util.Arrays.hashCode(report.weights().parameters());
  }

  /** An optimizer that must not run. */
  private record Forbidden() implements Optimizer {
    @Override
    public String name() {
      return "forbidden";
    }

    @Override
    public Optimizer withWeightDecay(float weightDecay) {
      return this;
    }

    @Override
    public int stateSlots() {
      throw new AssertionError("a worker asked for state");
    }

    @Override
    public void update(
        UpdateKernels kernels,
        float[] w,
        float[] g,
        float[][] state,
        int begin,
        int end,
        int shift,
        float denominator,
        float learningRate,
        long step) {
      throw new AssertionError("a worker updated parameters");
    }
  }

  /** Workers whose task has lost its optimizer, as the driver's shards have not. */
  private static ThreadCluster.Body withoutOptimizer(Queue<Integer> slots) {
    return (task, rank) -> {
      WorkerTask.Train t = (WorkerTask.Train) task;
      slots.add(t.model().optimizerSlots());
      Updates updates =
          new Updates(
              new Forbidden(),
              t.updates().groups(),
              t.updates().clipping(),
              t.updates().averaging(),
              t.updates().seed(),
              false);
      ThreadCluster.WORKER.run(
          new WorkerTask.Train(
              t.gang(),
              t.model(),
              t.training(),
              t.validation(),
              t.course(),
              updates,
              t.sync(),
              t.rate(),
              t.continuity(),
              t.health()),
          rank);
    };
  }

  @Test
  void inTheDriverTheOptimizerIsNotTheWorkers() throws IOException {
    TrainingConfig config = TestConfigs.small(2, 1, 1, 0.05f);
    Queue<Integer> slots = new ConcurrentLinkedQueue<>();
    TrainingReport report =
        train(TestConfigs.withParameterServer(config, "driver", 2), withoutOptimizer(slots));

    assertThat(report.weightsSha256()).isEqualTo(train(config).weightsSha256());
    assertThat(slots).containsExactly(0, 0);
    assertThatThrownBy(
            () ->
                train(
                    TestConfigs.withParameterServer(config, "executors", 0),
                    withoutOptimizer(slots)))
        .hasMessageContaining("a worker asked for state");
  }

  @Test
  void noThreadIsLeft() throws IOException {
    for (String placement : new String[] {"executors", "driver"}) {
      TrainingConfig config = TestConfigs.small(3, 1, 1, 0.05f);
      TrainingReport unused = train(TestConfigs.withParameterServer(config, placement, 2));
    }

    await("threads of shards end")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(
                        name ->
                            name.startsWith("backdraft-shard")
                                || name.startsWith("backdraft-control-accept")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"executors", "driver"})
  void moreShardsThanWorkersAreForTheDriver(String placement) throws IOException {
    TrainingConfig config =
        TestConfigs.withParameterServer(TestConfigs.small(2, 1, 1, 0.05f), placement, 3);
    if (placement.equals("driver")) {
      assertThat(train(config).steps()).isEqualTo(7);
    } else {
      assertThatThrownBy(() -> train(config))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("sync.shards must be at most the number of workers (2)");
    }
  }
}
