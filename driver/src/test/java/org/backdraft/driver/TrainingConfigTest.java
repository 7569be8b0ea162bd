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
        bad("sync.timeout-seconds", "0", () -> timeouts("allreduce", 0, 1)),
        bad("sync.step-timeout-seconds", "0", () -> timeouts("allreduce", 1, 0)),
        bad("sync.strategy", "ring", () -> timeouts("ring", 10, 60)),
        bad("sync.compression", "Did you mean 'int8'?", () -> sync("int4", 1, false)),
        bad("sync.compression", "topk:0.01", () -> sync("topk", 1, false)),
        bad("sync.compression", "topk:many", () -> sync("topk:many", 1, false)),
        bad("topk", "0.5", () -> sync("topk:0.5", 1, false)),
        bad("topk", "NaN", () -> sync("topk:NaN", 1, false)),
        bad("sync.compression", "int8:2", () -> sync("int8:2", 1, false)),
        bad("sync.average-every", "0", () -> sync("none", 0, false)),
        bad("sync.average-every", "10001", () -> sync("none", 10_001, false)),
        bad("sync.average-every", "int8", () -> sync("int8", 2, false)),
        bad("sync.average-optimizer", "above 1", () -> sync("none", 1, true)),
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

  private static void timeouts(String strategy, int silent, int step) {
    Object unused = new SyncConfig(strategy, silent, step, "none", 1, false);
  }

  private static void sync(String compression, int averageEvery, boolean averageOptimizer) {
    Object unused =
        new SyncConfig("allreduce", 10, 60, compression, averageEvery, averageOptimizer);
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
