package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.backdraft.loss.Loss;
import org.backdraft.loss.LossSettings;
import org.backdraft.loss.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingConfigTest {
  private static final TrainingConfig D = TrainingConfig.defaults();

  @Test
  void aLossIsMadeFromItsSettings() {
    assertThat(D.lossFunction()).isEqualTo(Loss.SOFTMAX_CROSS_ENTROPY);
    TrainingConfig.Objective objective =
        new TrainingConfig.Objective("softmax-cross-entropy", 0.1f, "1, 0.5", 255, 1, 1);
    assertThat(objective.function())
        .isEqualTo(new SoftmaxCrossEntropy(0.1f, List.of(1f, 0.5f), 255));
    for (String name : LossSettings.names()) {
      assertThat(TrainingConfig.Objective.defaults(name).function().configName()).isEqualTo(name);
    }
  }

  @Test
  void theDefaultLeavesFollowFromTheBatchAlone() {
    assertThat(D.leaves().count()).isEqualTo(4);
    assertThat(D.placedOn(2, 3).leaves()).isEqualTo(D.leaves());
    assertThat(D.placedOn(2, 3).train().workers()).isEqualTo(2);
    assertThat(D.placedOn(2, 3).train().threads()).isEqualTo(3);
  }

  static Stream<Arguments> badValues() {
    return Stream.of(
        bad("optimizer.lr", "NaN", () -> rate(Float.NaN)),
        bad("optimizer.lr", "0.0", () -> rate(0)),
        bad("optimizer.lr", "-1.0", () -> rate(-1)),
        bad("optimizer.lr", "Infinity", () -> rate(Float.POSITIVE_INFINITY)),
        bad("optimizer.momentum", "1.0", () -> momentum(1)),
        bad("optimizer.name", "Did you mean 'rprop'?", () -> optimizer("rpop")),
        bad("data.batch", "0", () -> data(0, 0, "")),
        bad("data.validation", "1.0", () -> data(1, 1, "")),
        bad("data.validation", "NaN", () -> data(1, Double.NaN, "")),
        bad("data.val", "0.5", () -> data(1, 0.5, "idx:there")),
        bad("train.epochs", "0", () -> train(0, 0, 0)),
        bad("train.leaves", "3", () -> train(1, 3, 0)),
        bad("train.leaves", "2048", () -> train(1, 2048, 0)),
        bad("train.target", "1.5", () -> train(1, 4, 1.5)),
        bad("train.clip", "-1.0", () -> clip(-1, 0)),
        bad("train.clip-value", "Infinity", () -> clip(0, Float.POSITIVE_INFINITY)),
        bad("train.clip-value", "1.0 and 2.0", () -> clip(1, 2)),
        bad("schedule.every", "0", () -> new TrainingConfig.Schedule("step", 0, 0.5f)),
        bad("schedule.name", "linear", () -> new TrainingConfig.Schedule("linear", 1, 0.5f)),
        bad("sync.timeout-seconds", "0", () -> sync("allreduce", 0, 1)),
        bad("sync.step-timeout-seconds", "0", () -> sync("allreduce", 1, 0)),
        bad("sync.strategy", "ring", () -> sync("ring", 10, 60)),
        bad("sync.strategy", "parameter-server", () -> sync("parameterserver", 10, 60)),
        bad("sync.consistency", "'bps'", () -> sync("parameter-server", "bps", "driver", 0)),
        bad(
            "sync.consistency",
            "Set sync.strategy=parameter-server",
            () -> sync("allreduce", "ssp:2", "executors", 0)),
        bad("sync.placement", "'cloud'", () -> sync("parameter-server", "bsp", "cloud", 0)),
        bad("sync.placement", "driver and 0", () -> sync("allreduce", "bsp", "driver", 0)),
        bad("sync.shards", "2 with allreduce", () -> sync("allreduce", "bsp", "executors", 2)),
        bad("sync.shards", "-1", () -> sync("parameter-server", "bsp", "driver", -1)),
        bad("init", "large", () -> named("lenet5", "large", D.loss())),
        bad("loss.name", "Did you mean 'hinge'?", () -> loss("hing", 0, "", 1, 1)),
        bad("loss.label-smoothing", "1.0", () -> loss("softmax-cross-entropy", 1, "", 1, 1)),
        bad("loss.label-smoothing", "0.5", () -> loss("hinge", 0.5f, "", 1, 1)),
        bad("loss.class-weights", "1,,2", () -> loss("softmax-cross-entropy", 0, "1,,2", 1, 1)),
        bad("loss.class-weights", "-1.0", () -> loss("softmax-cross-entropy", 0, "1,-1", 1, 1)),
        bad("loss.class-weights", "[1.0]", () -> loss("squared-error", 0, "1", 1, 1)),
        bad("loss.delta", "0.0", () -> loss("huber", 0, "", 0, 1)),
        bad("loss.margin", "-1.0", () -> loss("hinge", 0, "", 1, -1)),
        bad("model", "", () -> named("", D.init(), D.loss())));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void aBadValueIsRefusedWithItsKey(String key, String value, ThrowingCallable making) {
    assertThatThrownBy(making)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(value);
    assertThat(new ConfigurationException("any").exitCode()).isEqualTo(2);
  }

  private static Arguments bad(String key, String value, ThrowingCallable making) {
    return Arguments.of(key, value, making);
  }

  private static void sync(String strategy, int timeout, int stepTimeout) {
    Object unused =
        new SyncConfig(
            strategy, "bsp", "executors", 0, timeout, stepTimeout, LeaseConfig.defaults());
  }

  private static void sync(String strategy, String consistency, String placement, int shards) {
    Object unused =
        new SyncConfig(strategy, consistency, placement, shards, 10, 60, LeaseConfig.defaults());
  }

  private static void rate(float learningRate) {
    Object unused = TestConfigs.optimizer("sgd", learningRate, 0);
  }

  private static void momentum(float momentum) {
    Object unused = TestConfigs.optimizer("sgd", 1, momentum);
  }

  private static void optimizer(String name) {
    Object unused = TestConfigs.optimizer(name, 1, 0);
  }

  private static void data(int batch, double validation, String val) {
    Object unused =
        new TrainingConfig.Data("digits:", val, validation, batch, true, "unit", 1000, 1000);
  }

  private static void train(int epochs, int leaves, double target) {
    Object unused = new TrainingConfig.Train(epochs, 0, leaves, 0, 0, 1, target, 0, 0);
  }

  private static void clip(float norm, float value) {
    Object unused = new TrainingConfig.Train(1, 0, 4, 0, 0, 1, 0, norm, value);
  }

  private static void loss(
      String name, float smoothing, String weights, float delta, float margin) {
    Object unused = new TrainingConfig.Objective(name, smoothing, weights, -100, delta, margin);
  }

  private static void named(String model, String init, TrainingConfig.Objective loss) {
    Object unused =
        new TrainingConfig(
            model, init, loss, D.data(), D.optimizer(), D.schedule(), D.train(), D.sync());
  }
}
