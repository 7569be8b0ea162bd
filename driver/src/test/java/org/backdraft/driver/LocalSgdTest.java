package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(90)
class LocalSgdTest {
  /** A report and the losses of its steps. */
  private record Run(TrainingReport report, List<TrainingListener.Step> steps) {}

  private static Run train(TrainingConfig config, NetworkFactory net) throws IOException {
    List<TrainingListener.Step> steps = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(Step step) {
            steps.add(step);
          }
        };
    TrainingReport report =
        new TrainingJob(config, net, ThreadCluster.provider(ThreadCluster.WORKER), listener).run();
    return new Run(report, steps);
  }

  private static TrainingConfig averaging(int workers, int every) {
    return TestConfigs.agreeing(TestConfigs.small(workers, 1), "none", every, false);
  }

  private static List<Double> losses(Run run) {
    return run.steps().stream().map(TrainingListener.Step::loss).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 100})
  void oneWorkerGivesTheBitsOfAnAllReduce(int every) throws IOException {
    Run exact = train(TestConfigs.small(1, 1), TestNets::normalized);
    Run local = train(averaging(1, every), TestNets::normalized);

    assertThat(local.report().weightsSha256()).isEqualTo(exact.report().weightsSha256());
    assertThat(local.report().validationLoss()).isEqualTo(exact.report().validationLoss());
    assertThat(losses(local)).isEqualTo(losses(exact));
  }

  /** The run ends only if all ranks have the same weights. */
  @ParameterizedTest
  @CsvSource({"2,1", "2,2", "2,4", "3,1", "3,2", "3,3", "3,4", "5,3", "3,100"})
  void replicasLearnTogether(int workers, int every) throws IOException {
    TrainingConfig config =
        TestConfigs.agreeing(TestConfigs.small(workers, 1, 6, 0.05f), "none", every, false);
    Run first = train(config, TestNets::plain);

    assertThat(first.report().validationAccuracy()).isGreaterThan(0.85);
    assertThat(train(config, TestNets::plain).report().weightsSha256())
        .isEqualTo(first.report().weightsSha256());
    assertThat(first.steps().stream().map(TrainingListener.Step::step))
        .containsExactlyElementsOf(range(6 * 7));
    assertThat(first.report().steps()).isEqualTo(6 * 7);
    Run other = train(averaging(workers, every == 1 ? 2 : 1), TestNets::plain);
    assertThat(other.report().weightsSha256()).isNotEqualTo(first.report().weightsSha256());
  }

  private static List<Long> range(long end) {
    List<Long> range = new ArrayList<>();
    for (long i = 0; i < end; i++) {
      range.add(i);
    }
    return range;
  }

  /**
   * Next to nothing moves, so each step's loss must be that of an all-reduce, whenever it is told.
   */
  @ParameterizedTest
  @CsvSource({"2,2", "3,4", "3,100"})
  void eachStepIsToldOfTruthfully(int workers, int every) throws IOException {
    TrainingConfig still = TestConfigs.small(workers, 1, 2, 1e-30f);
    Run exact = train(still, TestNets::plain);
    Run local = train(TestConfigs.agreeing(still, "none", every, false), TestNets::plain);

    assertThat(local.steps()).hasSameSizeAs(exact.steps());
    for (int i = 0; i < exact.steps().size(); i++) {
      assertThat(local.steps().get(i).loss()).isCloseTo(exact.steps().get(i).loss(), within(1e-6));
      assertThat(local.steps().get(i).examplesPerSecond()).isPositive();
    }
  }

  /** The last batch has one example, so most ranks have none. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void ranksWithoutExamplesWeighNothing(int workers) throws IOException {
    TrainingConfig config =
        TestConfigs.agreeing(TestConfigs.small(workers, 1, 6, 0.05f), "none", 7, false);
    Run run = train(TestConfigs.on("patterned:193", config), TestNets::normalized);
    assertThat(run.report().validationAccuracy()).isGreaterThan(0.8);
    assertThat(run.steps()).hasSize(6 * 7);
  }

  @Test
  void theOptimizersStateMayBeAveragedToo() throws IOException {
    TrainingConfig config = TestConfigs.small(3, 1, 6, 0.05f);
    Run own = train(TestConfigs.agreeing(config, "none", 3, false), TestNets::plain);
    Run shared = train(TestConfigs.agreeing(config, "none", 3, true), TestNets::plain);
    assertThat(shared.report().validationAccuracy()).isGreaterThan(0.85);
    assertThat(shared.report().weightsSha256()).isNotEqualTo(own.report().weightsSha256());
  }

  @Test
  void stopsAfterTheGivenSteps() throws IOException {
    TrainingConfig c = averaging(2, 4);
    Run run = train(Configs.with(c, "train.steps", 9), TestNets::plain);
    assertThat(run.report().steps()).isEqualTo(9);
    assertThat(run.steps()).hasSize(9);
  }

  @ParameterizedTest
  @CsvSource({"1,3", "3,1", "3,3", "2,100"})
  void aLossThatIsNotFiniteIsFoundByAllWithItsStep(int workers, int every) {
    TrainingConfig config =
        TestConfigs.agreeing(TestConfigs.small(workers, 1, 3, 1e30f), "none", every, false);
    TrainingDivergedException e =
        catchThrowableOfType(TrainingDivergedException.class, () -> train(config, TestNets::plain));
    assertThat(e.exitCode()).isEqualTo(4);
    assertThat(e.step()).isEqualTo(1);
  }
}
