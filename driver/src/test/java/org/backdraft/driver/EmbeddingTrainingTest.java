package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.backdraft.data.DataException;
import org.backdraft.driver.config.LeaseConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs of a network that begins with an embedding, on generated texts. */
@Timeout(90)
class EmbeddingTrainingTest {
  private static final int WORDS = 3000;

  /** Longer than others are, so that most rows are not in any batch. */
  private static final String TEXTS = "tokens:train=416,val=200,length=12,words=" + WORDS;

  @TempDir Path folder;

  private static Network network(Shape input, int classes) {
    return ModelZoo.create("bag-of-words:rows=" + WORDS, input, classes);
  }

  /** What a run told. */
  private static final class Steps implements TrainingListener {
    private final List<Step> steps = new ArrayList<>();

    @Override
    public void onStep(Step step) {
      steps.add(step);
    }
  }

  private static TrainingReport train(TrainingConfig config, TrainingListener listener)
      throws IOException {
    return new TrainingJob(
            config,
            EmbeddingTrainingTest::network,
            ThreadCluster.provider(ThreadCluster.WORKER),
            listener)
        .run();
  }

  private static TrainingReport train(TrainingConfig config) throws IOException {
    return train(config, new Steps());
  }

  private static TrainingConfig config(int workers, int threads, String optimizer) {
    return Configs.with(
        TestConfigs.on(TEXTS, TestConfigs.small(workers, threads, 2, 0.05f)),
        "optimizer",
        OptimizerConfig.defaults(optimizer));
  }

  @ParameterizedTest
  @CsvSource({"2, 2", "3, 1", "4, 2"})
  void workersAndThreadsChangeNoBit(int workers, int threads) throws IOException {
    assertThat(train(config(workers, threads, "adam")).weightsSha256())
        .isEqualTo(train(config(1, 1, "adam")).weightsSha256());
  }

  /** Rows without a gradient have momentum and decay all the same: only what is sent is sparse. */
  @ParameterizedTest
  @CsvSource({
    "momentum, executors, 2",
    "adam, driver, 3",
    "adamw, executors, 3",
    "rmsprop, executors, 2",
    "adagrad, driver, 2",
    "lamb, executors, 2",
  })
  void sparsePushesHaveTheBitsOfAnAllReduce(String optimizer, String placement, int workers)
      throws IOException {
    TrainingConfig config =
        Configs.with(config(workers, 1, optimizer), "optimizer.weight-decay", 0.01f);
    Steps told = new Steps();
    TrainingReport report = train(TestConfigs.withParameterServer(config, placement, 2), told);

    assertThat(report.weightsSha256()).isEqualTo(train(config).weightsSha256());
    // A worker pushes one or two nodes of the table in each step.
    double table = Float.BYTES * (double) (WORDS * 10 + 44);
    assertThat(report.times().pushedBytes()).hasSize(workers);
    double most = Arrays.stream(report.times().pushedBytes()).max().orElseThrow();
    assertThat(most).isGreaterThan(0).isLessThan(0.5 * table * report.steps());
    assertThat(told.steps).anyMatch(step -> step.times().hasPushes());
  }

  @ParameterizedTest
  @CsvSource({"async, driver", "ssp:1, executors"})
  void whoDriftsLearnsBySparsePushesToo(String consistency, String placement) throws IOException {
    int epochs = 12;
    TrainingConfig config =
        TestConfigs.leased(
            TestConfigs.on(TEXTS, TestConfigs.small(3, 1, epochs, 0.05f)),
            consistency,
            placement,
            LeaseConfig.defaults());
    TrainingReport report =
        new TrainingJob(
                Configs.with(
                    config,
                    "optimizer",
                    Configs.with(OptimizerConfig.defaults("adam"), "lr", 0.02f)),
                EmbeddingTrainingTest::network,
                ThreadCluster.restarting(RestartingThreads.WORKER),
                new Steps())
            .run();

    assertThat(report.validationAccuracy()).isGreaterThan(0.5);
    long bytes = report.sync().pushedBytesByWorker().stream().mapToLong(Long::longValue).sum();
    long table = Float.BYTES * (WORDS * 10L + 44);
    assertThat(bytes).isPositive().isLessThan(table * report.sync().leases() / 2);
  }

  @Test
  void aWordThatIsNoRowEndsTheRunByName() throws IOException {
    Path file = folder.resolve("texts.csv");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      text.append(i % 50).append(',').append(i == 40 ? 3000 : 7).append(',').append(i % 2);
      text.append('\n');
    }
    Files.writeString(file, text);
    TrainingConfig config =
        Configs.with(
            TestConfigs.on("csv:" + file, TestConfigs.small(2, 1, 1, 0.05f)),
            "data.validation",
            0.2);
    assertThatThrownBy(() -> train(config))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'embedding.weight' takes whole numbers in [0, 3000)")
        .hasMessageContaining("has 3000.0 at position 1")
        .hasMessageContaining("on host");
  }
}
