package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import org.backdraft.driver.config.LeaseConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters that are treated otherwise than the others, by every strategy. */
@Timeout(60)
class GroupedTrainingTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingConfig grouped(String optimizer, int workers) {
    return Configs.with(
        TestConfigs.small(workers, 1, 1, 0.05f),
        "optimizer",
        Configs.with(
            OptimizerConfig.defaults(optimizer),
            "weight-decay",
            optimizer.equals("rprop") ? 0 : 0.1,
            "no-decay",
            true,
            "groups",
            "match=fc1.* lr-factor=0.1; match=fc?.weight lr-factor=2"
                + (optimizer.equals("rprop") ? "" : " weight-decay=0")),
        "train.freeze",
        "conv*, bn1.*",
        "train.clip",
        1);
  }

  private static TrainingReport train(TrainingConfig config) throws IOException {
    return new TrainingJob(
            config, TestNets::wide, ThreadCluster.provider(ThreadCluster.WORKER), SILENT)
        .run();
  }

  @ParameterizedTest
  @ValueSource(strings = {"momentum", "adamw", "rprop", "lamb"})
  void groupsGiveTheSameWeightsOnAnyGang(String optimizer) throws IOException {
    TrainingReport one = train(grouped(optimizer, 1));

    TrainingConfig three = TestConfigs.withBuckets(grouped(optimizer, 3), 1);
    assertThat(train(three).weightsSha256()).isEqualTo(one.weightsSha256());
    for (String placement : new String[] {"executors", "driver"}) {
      TrainingConfig server = TestConfigs.withParameterServer(grouped(optimizer, 2), placement, 2);
      assertThat(train(server).weightsSha256()).as(placement).isEqualTo(one.weightsSha256());
    }
    assertFrozen(one);
  }

  /** What is frozen is what the seed has drawn, and the rest is not. */
  private static void assertFrozen(TrainingReport report) {
    TrainingConfig config = TestConfigs.small(1, 1);
    Network network = TestNets.wide(Shape.of(1, 8, 8), 4);
    float[] drawn = new float[network.parameterTable().size()];
    float[] buffers = new float[network.bufferTable().size()];
    config.init().initializer().initialize(network.parameterTable(), drawn, config.train().seed());
    config.init().initializer().initialize(network.bufferTable(), buffers, config.train().seed());
    for (ParameterTable.Entry entry : network.parameterTable().entries()) {
      boolean isFrozen = entry.name().startsWith("conv") || entry.name().startsWith("bn1");
      float[] before = Arrays.copyOfRange(drawn, entry.begin(), entry.end());
      float[] after = Arrays.copyOfRange(report.weights().parameters(), entry.begin(), entry.end());
      assertThat(Arrays.equals(before, after)).as(entry.name()).isEqualTo(isFrozen);
    }
    assertThat(report.weights().buffers()).containsExactly(buffers);
  }

  @ParameterizedTest
  @CsvSource({"driver", "executors"})
  void leasesFreezeToo(String placement) throws IOException {
    TrainingConfig config =
        TestConfigs.leased(grouped("momentum", 2), "ssp:2", placement, LeaseConfig.defaults());
    assertFrozen(train(config));
  }

  @Test
  void localUpdatesFreezeToo() throws IOException {
    TrainingConfig config = TestConfigs.agreeing(grouped("momentum", 2), "none", 3, true);
    assertFrozen(train(config));
  }

  @Test
  void whatIsFrozenAndLearnedIsRestored() throws IOException {
    TrainingReport report =
        new TrainingJob(
                TestConfigs.recovering(
                    Configs.with(grouped("adamw", 2), "train.epochs", 2), "3 steps", 1),
                TestNets::wide,
                ThreadCluster.provider(new FailingRank(1, 9)),
                SILENT)
            .run();
    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(report.weightsSha256())
        .isEqualTo(train(Configs.with(grouped("adamw", 1), "train.epochs", 2)).weightsSha256());
  }

  @Test
  void aPatternForNothingIsRefusedBeforeTheStart() {
    TrainingConfig config = Configs.with(TestConfigs.small(1, 1), "train.freeze", "cnov1.*");
    assertThatThrownBy(() -> train(config))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("'cnov1.*' matches none")
        .hasMessageContaining("Did you mean 'conv1.*'?");
  }
}
