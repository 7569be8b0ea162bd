package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.baseline.NaiveNumbers;
import org.backdraft.data.BadRecordRule;
import org.backdraft.data.DataSource;
import org.backdraft.data.DataSources;
import org.backdraft.data.HadoopSettings;
import org.backdraft.data.Split;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs over numbers to predict, by workers that are threads. */
@Timeout(60)
class RegressionTest {
  private static final Cluster.Provider CLUSTERS =
      new Cluster.Provider() {
        @Override
        public Cluster open(Cluster.Request request) {
          return new ThreadCluster(request, ThreadCluster.WORKER);
        }

        @Override
        public DataSource source(String uri, Split split, BadRecordRule rule) throws IOException {
          return DataSources.open(uri, split, HadoopSettings.defaults(), rule);
        }
      };

  private static final class Epochs implements TrainingListener {
    private final List<Epoch> all = new ArrayList<>();
    private final List<NaiveNumbers> naive = new ArrayList<>();

    @Override
    public void onEpoch(Epoch epoch) {
      all.add(epoch);
    }

    @Override
    public void onBaselines(NaiveNumbers numbers) {
      naive.add(numbers);
    }

    Epoch last() {
      return all.get(all.size() - 1);
    }
  }

  private static Network network(Shape input, int outputs) {
    return Network.named("curve", input)
        .add("fc1", Linear.of(24))
        .add("tanh1", Activation.tanh())
        .add("fc2", Linear.of(outputs))
        .build();
  }

  private static TrainingConfig config(int workers, String loss) {
    TrainingConfig adam =
        Configs.with(TestConfigs.small(workers, 1), "optimizer", OptimizerConfig.defaults("adam"));
    return Configs.with(
        adam,
        "data.train",
        "function:sin,train=200,val=60",
        "data.batch",
        32,
        "loss.name",
        loss,
        "optimizer.lr",
        0.02,
        "train.epochs",
        60,
        "init.name",
        "xavier");
  }

  private static TrainingReport train(TrainingConfig config, TrainingListener listener)
      throws IOException {
    return new TrainingJob(config, RegressionTest::network, CLUSTERS, listener).run();
  }

  @Test
  void aCurveIsLearned() throws IOException {
    Epochs epochs = new Epochs();
    TrainingReport report = train(config(1, "mse"), epochs);
    Map<String, Double> metrics = epochs.last().validationMetrics();

    assertThat(metrics.get("mse")).isCloseTo(report.validationLoss(), within(1e-6));
    assertThat(metrics.get("mse")).isLessThan(0.02);
    assertThat(metrics.get("baseline_mse")).isBetween(0.3, 0.7);
    assertThat(metrics.get("mae")).isLessThan(0.12);
    assertThat(report.validationAccuracy()).isZero();
    NaiveNumbers naive = epochs.naive.get(0);
    assertThat(naive.meanError()).isCloseTo(metrics.get("baseline_mse"), within(0.05));
    assertThat(naive.linearError().orElseThrow())
        .isBetween(2 * metrics.get("mse"), 0.95 * naive.meanError());
    assertThat(naive.known()).isEqualTo(200);
    assertThat(naive.asked()).isEqualTo(60);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mse", "l1", "huber", "squared-error"})
  void anyNumberOfWorkersGivesTheSameWeights(String loss) throws IOException {
    Epochs one = new Epochs();
    Epochs many = new Epochs();
    TrainingConfig config = Configs.with(config(1, loss), "train.epochs", 3);
    TrainingConfig onThree = Configs.with(config(3, loss), "train.epochs", 3);

    assertThat(train(onThree, many).weightsSha256()).isEqualTo(train(config, one).weightsSha256());
    assertThat(many.last().validationMetrics()).isEqualTo(one.last().validationMetrics());
    assertThat(many.last().validationLoss()).isEqualTo(one.last().validationLoss());
  }

  @Test
  void placesInPicturesAreLearnedAlikeOnAnyGang() throws IOException {
    NetworkFactory network =
        (input, outputs) ->
            Network.named("pose", input)
                .add("conv1", Conv2d.of(8, 3).stride(2))
                .add("relu1", Activation.relu())
                .add("flatten", new Flatten())
                .add("fc1", Linear.of(32))
                .add("relu2", Activation.relu())
                .add("fc2", Linear.of(outputs))
                .build();
    TrainingConfig config =
        Configs.with(
            config(1, "squared-error"),
            "data.train",
            "arms:train=400,val=100,side=12",
            "optimizer.lr",
            0.005,
            "train.epochs",
            10);
    Epochs one = new Epochs();
    TrainingReport report = new TrainingJob(config, network, CLUSTERS, one).run();
    Map<String, Double> metrics = one.last().validationMetrics();
    assertThat(metrics.get("mse")).isLessThan(0.5 * metrics.get("baseline_mse"));
    TrainingConfig onTwo = Configs.with(config, "train.workers", 2);
    assertThat(new TrainingJob(onTwo, network, CLUSTERS, new Epochs()).run().weightsSha256())
        .isEqualTo(report.weightsSha256());
  }

  @Test
  void lossesThatTakeLabelsAreRefused() {
    assertThatThrownBy(() -> train(config(1, "softmax-cross-entropy"), new Epochs()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("loss.name must be one that compares numbers")
        .hasMessageContaining("such as mse");
  }

  @Test
  void aNetworkOfOtherOutputsIsRefused() {
    NetworkFactory wide = (shape, outputs) -> network(shape, outputs + 1);
    assertThatThrownBy(() -> new TrainingJob(config(1, "mse"), wide, CLUSTERS, new Epochs()).run())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("an output for each of the 1 numbers to predict");
  }
}
