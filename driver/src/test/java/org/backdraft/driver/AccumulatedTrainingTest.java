package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.config.LeaseConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs with {@code train.accumulate} beside those without. */
@Timeout(90)
class AccumulatedTrainingTest {
  private record Run(TrainingReport report, List<Double> losses) {}

  private static Run train(TrainingConfig config) throws IOException {
    List<Double> losses = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(Step step) {
            losses.add(step.loss());
          }
        };
    Cluster.Provider cluster =
        config.sync().consistency().equals("bsp")
            ? ThreadCluster.provider(ThreadCluster.WORKER)
            : ThreadCluster.restarting(RestartingThreads.WORKER);
    return new Run(new TrainingJob(config, TestNets::wide, cluster, listener).run(), losses);
  }

  private static void assertSame(Run found, Run expected) {
    assertThat(found.report().weightsSha256()).isEqualTo(expected.report().weightsSha256());
    assertThat(found.report().validationLoss()).isEqualTo(expected.report().validationLoss());
    assertThat(found.report().validationAccuracy())
        .isEqualTo(expected.report().validationAccuracy());
    assertThat(found.losses()).isNotEmpty().isEqualTo(expected.losses());
  }

  private static TrainingConfig small(int workers, int threads) {
    return TestConfigs.small(workers, threads, 2, 0.05f);
  }

  /** Gradients of many buckets, which travel while the last piece is computed. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 2", "1, 2, 4", "1, 1, 8", "2, 1, 2", "2, 2, 3", "2, 1, 4", "3, 1, 2", "5, 1, 1"
  })
  void weightsAreThoseOfBatchesComputedAtOnce(int workers, int threads, int accumulate)
      throws IOException {
    TrainingConfig config = TestConfigs.withBuckets(small(workers, threads), 16_384);
    assertSame(train(TestConfigs.accumulating(config, accumulate)), train(small(1, 1)));
  }

  @ParameterizedTest
  @CsvSource({"executors, 2, 4", "executors, 3, 2", "driver, 2, 2"})
  void aParameterServerGivesThemToo(String placement, int workers, int accumulate)
      throws IOException {
    TrainingConfig config =
        TestConfigs.accumulating(
            TestConfigs.withParameterServer(small(workers, 1), placement, 2), accumulate);
    assertSame(train(config), train(small(1, 1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void oneWorkerThatTakesLeasesGivesThoseOfLeasesComputedAtOnce(int accumulate) throws IOException {
    TrainingConfig config = TestConfigs.leased(small(1, 1), "async");
    assertSame(train(TestConfigs.accumulating(config, accumulate)), train(config));
  }

  @Test
  void clippingSeesTheWholeGradient() throws IOException {
    TrainingConfig c = small(2, 1);
    TrainingConfig clipped = Configs.with(c, "train.clip", 0.5);
    Run expected = train(clipped);
    assertThat(expected.losses()).isNotEqualTo(train(c).losses());
    assertSame(train(TestConfigs.accumulating(clipped, 4)), expected);
  }

  @ParameterizedTest
  @CsvSource({"none, 3", "int8, 1"})
  void economiesKeepTheirBits(String compression, int averageEvery) throws IOException {
    TrainingConfig config = TestConfigs.agreeing(small(2, 1), compression, averageEvery, false);
    assertSame(train(TestConfigs.accumulating(config, 4)), train(config));
  }

  @Test
  void aLossThatIsNotFiniteNamesItsLayer() {
    TrainingConfig config = TestConfigs.small(2, 1, 3, 1e30f);
    for (int accumulate : new int[] {1, 4}) {
      assertThatThrownBy(() -> train(TestConfigs.accumulating(config, accumulate)))
          .isInstanceOf(TrainingDivergedException.class)
          .hasMessageContaining("output is 'fc2'");
    }
  }

  @Test
  void aWorkerWithFewerLeavesThanPiecesIsRefused() {
    assertThatThrownBy(() -> train(TestConfigs.accumulating(small(3, 1), 4)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "train.accumulate must be at most the number of leaves of each worker (2, of 8 over 3):"
                + " got 4. Set train.accumulate=2, or train.leaves=16, which changes the result.");
  }

  @Test
  void aLeaseWithFewerLeavesThanPiecesIsRefused() throws IOException {
    TrainingConfig eighths = TestConfigs.leased(small(1, 1), "async", new LeaseConfig(4, 60, 50));
    assertThat(train(TestConfigs.accumulating(eighths, 2)).losses()).isNotEmpty();
    assertThatThrownBy(() -> train(TestConfigs.accumulating(eighths, 3)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("leaves of each lease (2, of 8 over 4): got 3")
        .hasMessageContaining("train.leaves=16");
    TrainingConfig whole = TestConfigs.leased(small(3, 1), "async", new LeaseConfig(1, 60, 50));
    assertThat(train(TestConfigs.accumulating(whole, 8)).losses()).isNotEmpty();
  }

  @Test
  void anOutlineHasThePlanOfThePieces() throws IOException {
    assertThat(pieces(small(1, 1), 1)).isEqualTo("1 of 32");
    assertThat(pieces(small(1, 1), 4)).isEqualTo("4 of 8");
    assertThat(pieces(small(2, 1), 2)).isEqualTo("2 of 8");
    TrainingConfig leased = TestConfigs.leased(small(3, 1), "async", new LeaseConfig(2, 60, 50));
    assertThat(pieces(leased, 3)).isEqualTo("4 of 4");
    assertThatThrownBy(() -> pieces(small(3, 1), 3))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Set train.accumulate=2");
    assertThatThrownBy(() -> pieces(leased, 5)).hasMessageContaining("each lease (4, of 8 over 2)");
  }

  private static String pieces(TrainingConfig config, int accumulate) throws IOException {
    TrainingOutline outline =
        TrainingOutline.of(
            TestConfigs.accumulating(config, accumulate),
            TestNets::wide,
            ThreadCluster.provider(ThreadCluster.WORKER),
            GangSetup.kernels(),
            config.train().workers(),
            1);
    return outline.plan().pieceCount() + " of " + outline.plan().pieceCapacity();
  }
}
