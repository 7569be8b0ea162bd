package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run ends only if all ranks have the same weights, so each of these holds that too. */
@Timeout(120)
class CompressedTrainingTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingReport train(TrainingConfig config, NetworkFactory net)
      throws IOException {
    return new TrainingJob(config, net, ThreadCluster.provider(ThreadCluster.WORKER), SILENT).run();
  }

  private static TrainingConfig compressed(int workers, String form) {
    return TestConfigs.agreeing(TestConfigs.small(workers, 1), form, 1, false);
  }

  /** An exact run gets to 0.947 here, and the forms to between 0.917 and 0.947. */
  @ParameterizedTest
  @ValueSource(strings = {"fp16", "bf16", "int8", "topk:0.05", "onebit"})
  void leNetLearnsDigitsByThreeWorkers(String form) throws IOException {
    TrainingConfig config =
        TestConfigs.on(
            "digits:train=2000,val=300",
            TestConfigs.agreeing(TestConfigs.small(3, 1, 3, 0.02f), form, 1, false));
    TrainingReport report =
        train(config, (shape, classes) -> ModelZoo.create("lenet5", shape, classes));

    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
    assertThat(report.workers()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void aRunRepeatsItself(int workers) throws IOException {
    for (String form : List.of("fp16", "int8", "topk:0.1", "onebit")) {
      TrainingReport first = train(compressed(workers, form), TestNets::normalized);
      TrainingReport second = train(compressed(workers, form), TestNets::normalized);

      assertThat(second.weightsSha256()).as(form).isEqualTo(first.weightsSha256());
      assertThat(second.validationLoss()).isEqualTo(first.validationLoss());
    }
  }

  /** Batch sums travel whole beside gradients that do not. */
  @ParameterizedTest
  @ValueSource(strings = {"bf16", "onebit"})
  void batchNormOverTheGlobalBatchRepeatsItselfToo(String form) throws IOException {
    TrainingConfig config = TestConfigs.synced(compressed(3, form));
    TrainingReport first = train(config, TestNets::normalized);

    assertThat(train(config, TestNets::normalized).weightsSha256())
        .isEqualTo(first.weightsSha256());
    assertThat(first.weightsSha256())
        .isNotEqualTo(train(compressed(3, form), TestNets::normalized).weightsSha256());
  }

  @Test
  void gradientsThatDoNotTravelKeepTheirBits() throws IOException {
    TrainingReport exact = train(TestConfigs.small(1, 1), TestNets::normalized);
    assertThat(train(compressed(1, "onebit"), TestNets::normalized).weightsSha256())
        .isEqualTo(exact.weightsSha256());
    // And with two workers they do travel, so the bits must be others.
    assertThat(train(compressed(2, "bf16"), TestNets::normalized).weightsSha256())
        .isNotEqualTo(exact.weightsSha256());
  }

  /**
   * A last batch of one example: what was owed in sums over 32 must not be added to its gradient.
   */
  @ParameterizedTest
  @ValueSource(strings = {"topk:0.01", "onebit"})
  void aBatchOfOneExampleDoesNoHarm(String form) throws IOException {
    TrainingConfig config = TestConfigs.agreeing(TestConfigs.small(3, 1, 6, 0.05f), form, 1, false);
    TrainingReport report = train(TestConfigs.on("patterned:193", config), TestNets::plain);
    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
  }
}
