package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How gangs sum, over sockets on the loopback interface: chosen, measured, refused. */
@Timeout(120)
class AlgorithmsTest {
  private final List<TrainingListener.Agreement> agreements = new ArrayList<>();
  private final List<TrainingListener.Step> steps = new ArrayList<>();

  private final TrainingListener listener =
      new TrainingListener() {
        @Override
        public void onAgreement(Agreement agreement) {
          agreements.add(agreement);
        }

        @Override
        public void onStep(Step step) {
          steps.add(step);
        }
      };

  private TrainingReport train(int workers, SyncConfig sync, ThreadCluster.Body body)
      throws IOException {
    TrainingConfig config = TestConfigs.with(TestConfigs.small(workers, 1, 1, 0.05f), sync);
    return new TrainingJob(config, TestNets::normalized, ThreadCluster.provider(body), listener)
        .run();
  }

  private String oneWorker() throws IOException {
    TrainingReport report =
        train(
            1,
            SyncConfigs.sync("algorithm", "auto", "order", "exact", "probe", true),
            ThreadCluster.WORKER);
    assertThat(agreements.remove(0).reason()).contains("one worker");
    return report.weightsSha256();
  }

  @ParameterizedTest
  @CsvSource({
    "halving-doubling,4",
    "halving-ring,2",
    "direct,3",
    "direct,4",
    "direct-ring,3",
    "hierarchical,3"
  })
  void everyExactAlgorithmGivesTheWeightsOfOneWorker(String algorithm, int workers)
      throws IOException {
    String expected = oneWorker();
    TrainingReport report =
        train(
            workers,
            SyncConfigs.sync("algorithm", algorithm),
            ThreadCluster.overTcp(List.of("127.0.0.1", "127.0.0.1", "127.0.0.2")));

    assertThat(report.weightsSha256()).isEqualTo(expected);
    assertThat(agreements).hasSize(1);
    assertThat(agreements.get(0).algorithm().word()).isEqualTo(algorithm);
    assertThat(agreements.get(0).reason()).isEqualTo("sync.algorithm=" + algorithm);
    assertThat(agreements.get(0).probe()).isEmpty();
  }

  /** Batch normalization over the global batch too, over sockets and in buckets of a block. */
  @ParameterizedTest
  @CsvSource({
    "halving-doubling,exact,4",
    "direct-ring,exact,3",
    "hierarchical,exact,3",
    "auto,fast,3"
  })
  void batchSumsGoByEveryAlgorithm(String algorithm, String order, int workers) throws IOException {
    SyncConfig sync = SyncConfigs.sync("algorithm", algorithm, "order", order, "bucket-bytes", 1);
    TrainingConfig one = TestConfigs.synced(TestConfigs.small(1, 1, 1, 0.05f));
    TrainingConfig many =
        TestConfigs.synced(TestConfigs.with(TestConfigs.small(workers, 1, 1, 0.05f), sync));
    TrainingReport expected =
        new TrainingJob(
                one, TestNets::normalized, ThreadCluster.provider(ThreadCluster.WORKER), listener)
            .run();
    // A run ends only if all ranks have the same weights.
    TrainingReport report =
        new TrainingJob(
                many,
                TestNets::normalized,
                ThreadCluster.provider(
                    ThreadCluster.overTcp(List.of("127.0.0.1", "127.0.0.1", "127.0.0.2"))),
                listener)
            .run();

    if (order.equals("exact")) {
      assertThat(report.weightsSha256()).isEqualTo(expected.weightsSha256());
    } else {
      assertThat(report.validationLoss()).isCloseTo(expected.validationLoss(), within(0.01));
    }
  }

  @ParameterizedTest
  @CsvSource({"2", "3"})
  void autoMeasuresAndSaysWhatItFound(int workers) throws IOException {
    String expected = oneWorker();
    try (CapturedLog log = new CapturedLog(GangLog.class)) {
      TrainingReport report =
          train(
              workers,
              SyncConfigs.sync("algorithm", "auto", "order", "exact", "probe", true),
              ThreadCluster.WORKER_OVER_TCP);

      assertThat(report.weightsSha256()).isEqualTo(expected);
      assertThat(report.times().workers()).isEqualTo(workers);
      for (int rank = 0; rank < workers; rank++) {
        assertThat(report.times().communication()[rank]).isPositive();
      }
      assertThat(log.lines())
          .anyMatch(line -> line.contains("workers sum by") && line.contains("ms a step"))
          .anyMatch(line -> line.contains("direct-ring: ") && line.contains("floats"))
          .anyMatch(line -> line.contains("The slowest of") && line.contains("MB/s"));
    }
    TrainingListener.Agreement agreement = agreements.get(0);
    assertThat(agreement.probe().orElseThrow().timings()).hasSize(workers == 2 ? 4 : 2);
    assertThat(agreement.algorithm()).isEqualTo(agreement.probe().orElseThrow().chosen());
    assertThat(steps).hasSize(14); // those of the one worker too
    assertThat(steps.get(13).times().waiting()).hasSize(workers).doesNotContain(Double.NaN);
  }

  @Test
  void withoutAProbeTheUsualAlgorithmIsTaken() throws IOException {
    TrainingReport unused =
        train(
            3,
            SyncConfigs.sync("algorithm", "auto", "order", "exact", "probe", false),
            ThreadCluster.WORKER_OVER_TCP);
    assertThat(agreements.get(0).algorithm()).isEqualTo(AllReduceAlgorithm.DIRECT);
    assertThat(agreements.get(0).reason()).contains("sync.probe=false");
  }

  @Test
  void ranksOfOneJvmMeasureNothing() throws IOException {
    TrainingReport unused =
        train(
            2,
            SyncConfigs.sync("algorithm", "auto", "order", "exact", "probe", true),
            ThreadCluster.WORKER);
    assertThat(agreements.get(0).reason()).contains("one JVM");
  }

  @Test
  void theFastOrderSaysThatBitsDependOnTheWorkers() throws IOException {
    String expected = oneWorker();
    try (CapturedLog log = new CapturedLog(GangLog.class)) {
      TrainingReport report =
          train(
              3,
              SyncConfigs.sync("algorithm", "auto", "order", "fast", "probe", true),
              ThreadCluster.WORKER_OVER_TCP);
      assertThat(report.weightsSha256()).isNotEqualTo(expected);
      assertThat(log.lines())
          .anyMatch(
              line -> line.startsWith("WARN The weights of this run are those of 3 worker(s)"));
    }
    assertThat(agreements.get(0).algorithm()).isEqualTo(AllReduceAlgorithm.RING);
  }

  @Test
  void aNumberOfWorkersThatDoesNotFitIsRefusedBeforeTheStart() {
    assertThatThrownBy(
            () ->
                train(
                    3,
                    SyncConfigs.sync(
                        "algorithm", "halving-doubling", "order", "exact", "probe", true),
                    (task, rank) -> {
                      throw new AssertionError("nobody may start");
                    }))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("sync.algorithm=halving-doubling")
        .hasMessageContaining("there are 3");
  }

  @Test
  void hostsThatDoNotFitAreRefusedBeforeTheFirstStep() {
    assertThatThrownBy(
            () ->
                train(
                    2,
                    SyncConfigs.sync("algorithm", "hierarchical", "order", "exact", "probe", true),
                    ThreadCluster.WORKER_OVER_TCP))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("All ranks are on one host")
        .hasMessageContaining("sync.algorithm=auto");
    assertThat(steps).isEmpty();
  }
}
