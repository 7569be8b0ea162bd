package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.baseline.NaiveClassifiers;
import org.backdraft.driver.config.TrainingConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Naive answers beside the result of a run. */
@Timeout(60)
class BaselinesTest {
  private static final class Told implements TrainingListener {
    private final List<NaiveClassifiers> all = new ArrayList<>();

    @Override
    public void onBaselines(NaiveClassifiers naive) {
      all.add(naive);
    }
  }

  private static Told train(TrainingConfig config) throws IOException {
    Told told = new Told();
    TrainingReport unused =
        new TrainingJob(
                Configs.with(config, "train.epochs", 1),
                TestNets::plain,
                ThreadCluster.provider(ThreadCluster.WORKER),
                told)
            .run();
    return told;
  }

  @Test
  void aNeighborTellsDigitsApartAndTheMajorityDoesNot() throws IOException {
    TrainingConfig config = TestConfigs.on("digits:train=600,val=150", TestConfigs.small(1, 1));
    NaiveClassifiers naive = train(config).all.get(0);

    assertThat(naive.majorityAccuracy()).isBetween(0.03, 0.2);
    NaiveClassifiers.Compared compared = naive.compared().orElseThrow();
    assertThat(compared.nearest()).isBetween(0.6, 0.95);
    assertThat(compared.linear().orElseThrow()).isBetween(0.5, 0.95);
    assertThat(compared.known()).isEqualTo(600);
    assertThat(compared.asked()).isEqualTo(150);
    TrainingConfig three = TestConfigs.on("digits:train=600,val=150", TestConfigs.small(3, 1));
    assertThat(train(three).all).containsExactly(naive);
  }

  @Test
  void neighborsCanBeFewerOrNone() throws IOException {
    TrainingConfig config = TestConfigs.on("digits:train=600,val=150", TestConfigs.small(1, 1));
    NaiveClassifiers fewer = train(Configs.with(config, "baseline.neighbors", 200)).all.get(0);
    assertThat(fewer.compared().orElseThrow().known()).isEqualTo(200);
    NaiveClassifiers tooFew = train(Configs.with(config, "baseline.neighbors", 99)).all.get(0);
    assertThat(tooFew.compared()).as("less than 10 of a class").isEmpty();
    assertThat(train(Configs.with(config, "baseline.neighbors", 0)).all.get(0).compared())
        .isEmpty();
    assertThat(train(Configs.with(config, "baseline.enabled", false)).all).isEmpty();
  }
}
