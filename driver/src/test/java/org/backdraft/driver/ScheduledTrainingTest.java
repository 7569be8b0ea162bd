package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.config.ScheduleConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Learning rates that the driver lowers: the same for all workers, however they agree. */
@Timeout(60)
class ScheduledTrainingTest {
  /** Six epochs, none of which is twice as accurate as the first. */
  private static TrainingConfig plateau(int workers) {
    return Configs.with(
        TestConfigs.small(workers, 1, 6, 0.05f),
        "schedule",
        Configs.with(
            ScheduleConfig.defaults("plateau"),
            "factor",
            0.5,
            "plateau.patience",
            1,
            "plateau.threshold",
            0.999,
            "plateau.cooldown",
            1,
            "plateau.monitor",
            "val_accuracy"));
  }

  /** The rate of each epoch's last step, restarts undone. */
  private static final class Rates implements TrainingListener {
    private final List<Double> rates = new ArrayList<>();

    @Override
    public void onEpoch(Epoch epoch) {
      rates.add(epoch.learningRate());
    }

    @Override
    public void onRestart(Restart restart) {
      rates.subList(restart.epoch(), rates.size()).clear();
    }
  }

  private static TrainingReport train(TrainingConfig config, ThreadCluster.Body body, Rates rates)
      throws IOException {
    return new TrainingJob(config, TestNets::wide, ThreadCluster.provider(body), rates).run();
  }

  @Test
  void theRateDropsWhereValidationsGetNoBetter() throws IOException {
    Rates rates = new Rates();
    TrainingReport unused = train(plateau(1), ThreadCluster.WORKER, rates);

    double full = 0.05f;
    double half = 0.025f;
    double quarter = 0.0125f;
    assertThat(rates.rates).containsExactly(full, full, full, half, half, half);
    TrainingConfig impatient = Configs.with(plateau(1), "schedule.plateau.patience", 0);
    Rates others = new Rates();
    unused = train(impatient, ThreadCluster.WORKER, others);
    assertThat(others.rates).containsExactly(full, full, half, half, quarter, quarter);
  }

  @ParameterizedTest
  @ValueSource(strings = {"allreduce", "executors", "driver"})
  void dropsChangeNoBitBetweenGangs(String placement) throws IOException {
    TrainingReport one = train(plateau(1), ThreadCluster.WORKER, new Rates());
    TrainingConfig three =
        placement.equals("allreduce")
            ? plateau(3)
            : TestConfigs.withParameterServer(plateau(3), placement, 2);

    assertThat(train(three, ThreadCluster.WORKER, new Rates()).weightsSha256())
        .isEqualTo(one.weightsSha256());
  }

  @ParameterizedTest
  @ValueSource(ints = {23, 31})
  void aDropOutlivesAFailure(int failAfter) throws IOException {
    Rates clean = new Rates();
    TrainingReport one = train(plateau(1), ThreadCluster.WORKER, clean);
    Rates seen = new Rates();
    TrainingReport report =
        train(
            TestConfigs.recovering(plateau(2), "1 epochs", 1), new FailingRank(1, failAfter), seen);

    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(seen.rates).isEqualTo(clean.rates);
    assertThat(report.weightsSha256()).isEqualTo(one.weightsSha256());
  }
}
