package org.backdraft.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.Configs;
import org.backdraft.driver.SyncConfigs;
import org.backdraft.driver.TrainingJob;
import org.backdraft.driver.TrainingListener;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole runs in Spark's local mode, from generated digits to trained weights. */
@Timeout(120)
class SparkTrainingTest {
  private static TrainingConfig digits(int workers, int threads) {
    return Configs.with(
        TrainingConfig.defaults(),
        "data",
        new DataConfig(
            "digits:train=700,val=150",
            "",
            0,
            64,
            true,
            "standard",
            "",
            "",
            20_000,
            1 << 20,
            TrainingConfig.defaults().data().badRecords(),
            TrainingConfig.defaults().data().mix(),
            TrainingConfig.defaults().data().limit()),
        "train.epochs",
        1,
        "train.leaves",
        8,
        "train.workers",
        workers,
        "train.threads",
        threads,
        "train.restarts",
        0);
  }

  /**
   * Two workers of one thread that take leases, with the shards in the driver; at a learning rate
   * well below the one (about 0.02) at which the first epoch leaves LeNet with dead units.
   */
  static TrainingConfig digitsWith(String consistency, int epochs) {
    return Configs.with(
        digits(2, 1),
        "optimizer.lr",
        0.01,
        "train.epochs",
        epochs,
        "sync",
        SyncConfigs.sync(
            "strategy", "parameter-server", "consistency", consistency, "placement", "driver"));
  }

  /** Two workers whose connections are encrypted. */
  static TrainingConfig secret() {
    return Configs.with(
        digits(2, 1), "sync", SyncConfigs.sync("tls", "true"), "checkpoint.every", "4 steps");
  }

  private static TrainingReport train(TrainingConfig config, Cluster.Provider clusters)
      throws IOException {
    return new TrainingJob(
            config,
            (shape, classes) -> ModelZoo.create("lenet5", shape, classes),
            clusters,
            new TrainingListener() {})
        .run();
  }

  @Test
  void anyNumberOfLocalWorkersGivesTheSameWeights() throws IOException {
    SparkClusters clusters = new SparkClusters(Optional.empty(), 2);
    TrainingReport one = train(digits(0, 0), clusters);
    TrainingReport two = train(digits(2, 1), clusters);
    TrainingReport three = train(digits(3, 1), new SparkClusters(Optional.of("local[3]"), 2));

    assertThat(one.workers()).isEqualTo(1);
    assertThat(one.threads()).isEqualTo(2);
    assertThat(one.steps()).isEqualTo(11);
    assertThat(two.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(three.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(two.validationLoss()).isEqualTo(one.validationLoss());
  }

  @Test
  void aGivenContextKeepsItsSettingsAndLives() throws IOException {
    SparkConf conf =
        new SparkConf()
            .setMaster("local[2]")
            .setAppName("given")
            .set("spark.ui.enabled", "false")
            .set("spark.serializer", "org.apache.spark.serializer.JavaSerializer");
    try (JavaSparkContext sc = new JavaSparkContext(conf)) {
      Cluster.Provider given = SparkClusters.using(sc, 2);
      TrainingReport first = train(digits(2, 1), given);
      TrainingReport second = train(digits(0, 0), given);

      assertThat(sc.sc().isStopped()).isFalse();
      assertThat(sc.parallelize(List.of(1, 2, 3)).count()).isEqualTo(3);
      assertThat(first.workers()).isEqualTo(2);
      assertThat(second.weightsSha256()).isEqualTo(first.weightsSha256());
      assertThat(sc.getConf().get("spark.serializer")).contains("JavaSerializer");
      assertThat(sc.getPersistentRDDs()).isEmpty();
    }
  }

  @Test
  void anyMasterThatTakesAllCoresHoldsMoreWorkersThanCores() throws IOException {
    TrainingReport report =
        train(digits(3, 1), new SparkClusters(Optional.of("local[*]"), /* cores= */ 2));

    assertThat(report.workers()).isEqualTo(3);
  }

  @Test
  void moreWorkersThanTheSlotsOfAnExplicitLocalMasterAreRefused() {
    SparkClusters clusters = new SparkClusters(Optional.of("local[2]"), 8);

    assertThatThrownBy(() -> train(digits(3, 1), clusters))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("local[2]")
        .hasMessageContaining("train.workers");
  }

  @Test
  void dynamicAllocationIsRefused() {
    SparkConf conf = new SparkConf().set("spark.dynamicAllocation.enabled", "true");
    SparkClusters clusters = new SparkClusters(conf, 2);

    assertThatThrownBy(() -> train(digits(1, 1), clusters))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("spark.dynamicAllocation.enabled");
  }
}
