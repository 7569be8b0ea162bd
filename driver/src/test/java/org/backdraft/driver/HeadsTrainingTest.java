package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Concat;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs of networks with several answers, by workers that are threads. */
@Timeout(60)
class HeadsTrainingTest {
  private static final String HEADS =
      "name=digit loss=softmax-cross-entropy classes=10 targets=1;"
          + " name=place loss=mse weight=4 targets=2-3";

  @TempDir private Path folder;

  private static final class Epochs implements TrainingListener {
    private final List<Epoch> all = new ArrayList<>();

    @Override
    public void onEpoch(Epoch epoch) {
      all.add(epoch);
    }

    Map<String, Double> metrics() {
      return all.get(all.size() - 1).validationMetrics();
    }
  }

  /** Of one linear head for all outputs. */
  private static Network network(Shape input, int outputs) {
    return Network.named("placed", input)
        .add("conv1", Conv2d.of(8, 5).stride(3))
        .add("relu1", Activation.relu())
        .add("flatten", new Flatten())
        .add("fc1", Linear.of(32))
        .add("relu2", Activation.relu())
        .add("fc2", Linear.of(outputs))
        .build();
  }

  private static NetworkFactory heads(String first, int classes, String second) {
    return (input, outputs) ->
        Network.named("two heads", input)
            .add("flatten", new Flatten())
            .add("fc1", Linear.of(16))
            .add("relu1", Activation.relu())
            .add(first, Linear.of(classes), "relu1")
            .add(second, Linear.of(outputs - classes), "relu1")
            .add("answers", new Concat(), first, second)
            .build();
  }

  private static TrainingConfig config(int workers, String data) {
    TrainingConfig adam =
        Configs.with(TestConfigs.small(workers, 1), "optimizer", OptimizerConfig.defaults("adam"));
    return Configs.with(
        adam, "data.train", data, "loss.name", "heads", "loss.heads", HEADS, "train.epochs", 3);
  }

  private static TrainingReport train(
      TrainingConfig config, NetworkFactory network, TrainingListener listener) throws IOException {
    Cluster.Provider clusters = ThreadCluster.provider(ThreadCluster.WORKER);
    return new TrainingJob(config, network, clusters, listener).run();
  }

  @Test
  void whatAndWhereAreLearnedTogether() throws IOException {
    Epochs epochs = new Epochs();
    TrainingConfig config =
        Configs.with(
            config(1, "placed-digits:train=600,val=150,side=20,noise=0"),
            "optimizer.lr",
            0.004,
            "train.epochs",
            12);
    TrainingReport report = train(config, HeadsTrainingTest::network, epochs);
    Map<String, Double> metrics = epochs.metrics();

    assertThat(metrics.keySet())
        .containsExactly(
            "digit_loss",
            "digit_accuracy",
            "place_loss",
            "place_mse",
            "place_mae",
            "place_baseline_mse");
    assertThat(metrics.get("digit_accuracy")).isGreaterThan(0.2);
    assertThat(report.validationAccuracy()).isEqualTo(metrics.get("digit_accuracy"));
    assertThat(metrics.get("place_mse")).isLessThan(0.8 * metrics.get("place_baseline_mse"));
    assertThat(report.validationLoss())
        .isCloseTo(metrics.get("digit_loss") + 4 * metrics.get("place_loss"), within(1e-5));
  }

  @ParameterizedTest
  @CsvSource({"2,1", "3,2", "4,1"})
  void anyNumberOfWorkersAndThreadsGivesTheSameWeights(int workers, int threads)
      throws IOException {
    Epochs one = new Epochs();
    Epochs many = new Epochs();
    String data = "placed-digits:train=150,val=50,side=16";
    TrainingConfig gang = Configs.with(config(workers, data), "train.threads", threads);

    TrainingReport report = train(config(1, data), HeadsTrainingTest::network, one);
    assertThat(train(gang, HeadsTrainingTest::network, many).weightsSha256())
        .isEqualTo(report.weightsSha256());
    assertThat(many.metrics()).isEqualTo(one.metrics());
    assertThat(many.all.get(2).validationLoss()).isEqualTo(one.all.get(2).validationLoss());
  }

  @Test
  void layersThatHaveNamesOfHeadsMustFitThem() throws IOException {
    TrainingConfig config = config(1, "placed-digits:train=60,val=20,side=16");
    Epochs epochs = new Epochs();
    TrainingReport report = train(config, heads("digit", 10, "place"), epochs);
    assertThat(report.steps()).isEqualTo(3 * 2);

    assertThatThrownBy(() -> train(config, heads("place", 2, "digit"), epochs))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("in the order of loss.heads, [digit, place], but takes");
    assertThatThrownBy(() -> train(config, heads("digit", 9, "place"), epochs))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Layer 'digit'")
        .hasMessageContaining("10 outputs of its head in loss.heads: it has 9");
    assertThatThrownBy(() -> train(config, (shape, outputs) -> network(shape, outputs + 1), epochs))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("the 12 outputs of its heads (digit 10, place 2)");
  }

  @Test
  void dataWithoutTheNumbersIsRefused() throws IOException {
    Epochs epochs = new Epochs();
    assertThatThrownBy(
            () -> train(config(1, "digits:train=60"), HeadsTrainingTest::network, epochs))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("loss.heads must take numbers that examples of digits:train=60 have")
        .hasMessageContaining("got number 3");
    Path file = Files.writeString(folder.resolve("a.csv"), "1,2,10,0,0\n2,3,1,0,0\n".repeat(40));
    TrainingConfig csv =
        Configs.with(config(1, "csv:" + file + "?targets=3"), "data.validation", 0.25);
    NetworkFactory linear =
        (input, outputs) -> Network.named("linear", input).add("fc", Linear.of(outputs)).build();
    assertThatThrownBy(() -> train(csv, linear, epochs))
        .hasMessageContaining("must be a class of head 'digit', a whole number in [0, 10)")
        .hasMessageContaining("has 10.0");
  }

  @Test
  void theFirstHeadOfClassesCanEndARun() throws IOException {
    TrainingConfig config =
        Configs.with(
            config(1, "placed-digits:train=60,val=20,side=16"),
            "early-stopping.patience",
            1,
            "early-stopping.monitor",
            "val_accuracy");
    assertThat(train(config, HeadsTrainingTest::network, new Epochs()).epochs()).isPositive();
    TrainingConfig places = Configs.with(config, "loss.heads", "name=place loss=mse targets=2-3");
    assertThatThrownBy(() -> train(places, HeadsTrainingTest::network, new Epochs()))
        .hasMessageContaining("early-stopping.monitor must be what the validation measures");
  }
}
