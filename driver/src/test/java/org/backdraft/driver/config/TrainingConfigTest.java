package org.backdraft.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.driver.Configs;
import org.backdraft.driver.SyncConfigs;
import org.backdraft.driver.TestConfigs;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Loss;
import org.backdraft.loss.LossSettings;
import org.backdraft.loss.MeanSquaredError;
import org.backdraft.loss.SoftmaxCrossEntropy;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.text.Glob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingConfigTest {
  private static final TrainingConfig D = TrainingConfig.defaults();

  @Test
  void aLossIsMadeFromItsSettings() {
    assertThat(D.lossFunction()).isEqualTo(Loss.SOFTMAX_CROSS_ENTROPY);
    LossConfig objective = new LossConfig("softmax-cross-entropy", 0.1f, "1, 0.5", 255, 1, 1, "");
    assertThat(objective.function())
        .isEqualTo(new SoftmaxCrossEntropy(0.1f, List.of(1f, 0.5f), 255));
    for (String name : LossSettings.names()) {
      assertThat(LossConfig.defaults(name).function().configName()).isEqualTo(name);
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
        bad("train.leaves", "8192", () -> train(1, 8192, 0)),
        bad("train.target", "1.5", () -> train(1, 4, 1.5)),
        bad("train.clip", "-1.0", () -> clip(-1, 0)),
        bad("train.clip-value", "Infinity", () -> clip(0, Float.POSITIVE_INFINITY)),
        bad("train.clip-value", "1.0 and 2.0", () -> clip(1, 2)),
        bad("optimizer.groups", "Did you mean 'lr-factor'?", () -> groups("match=a lr-facto=1")),
        bad("optimizer.groups", "lr-factor=1", () -> groups("lr-factor=1")),
        bad("optimizer.groups", "'b' in", () -> groups("match=a lr-factor=1 b")),
        bad("optimizer.groups", "'x'", () -> groups("match=a lr-factor=x")),
        bad("optimizer.groups", "once", () -> groups("match=a match=b")),
        bad("lr-factor", "0.0", () -> groups("match=a lr-factor=0")),
        bad("weight-decay", "-1.0", () -> groups("match=a weight-decay=-1")),
        bad("weight-decay", "NaN", () -> groups("match=a weight-decay=NaN")),
        bad("schedule.every", "0", () -> schedule("step", "every", 0)),
        bad("schedule.name", "linear", () -> schedule("linear")),
        bad("schedule.name", "Did you mean 'multi-step'?", () -> schedule("multistep")),
        bad("schedule.milestones", "[3, 2]", () -> schedule("multi-step", "milestones", "3,2")),
        bad("schedule.milestones", "a,b", () -> schedule("multi-step", "milestones", "a,b")),
        bad("schedule.milestones", "none", () -> schedule("multi-step", "milestones", "")),
        bad("schedule.factor", "1.5", () -> schedule("plateau", "factor", 1.5)),
        bad("schedule.warmup", "'5'", () -> schedule("cosine", "warmup", "5")),
        bad("schedule.warmup-start", "0.0", () -> schedule("cosine", "warmup-start", 0)),
        bad("schedule.base-batch", "-1", () -> schedule("cosine", "base-batch", -1)),
        bad("schedule.end-lr", "-1.0", () -> schedule("cosine", "end-lr", -1)),
        bad("schedule.one-cycle.rise", "1.0", () -> schedule("one-cycle", "one-cycle.rise", 1)),
        bad(
            "schedule.range-test.start-lr",
            "0.03 and 0.5",
            () ->
                Configs.with(
                    D,
                    "schedule",
                    Configs.with(
                        ScheduleConfig.defaults("range-test"), "range-test.start-lr", 0.5))),
        bad("schedule.one-cycle.curve", "cos", () -> schedule("cosine", "one-cycle.curve", "cos")),
        bad(
            "schedule.plateau.monitor",
            "val_acc",
            () -> schedule("plateau", "plateau.monitor", "val_acc")),
        bad("sync.consistency", "plateau", () -> asynchronousPlateau()),
        bad("sync.timeout-seconds", "0", () -> sync("timeout-seconds", 0)),
        bad("sync.step-timeout-seconds", "0", () -> sync("step-timeout-seconds", 0)),
        bad("sync.strategy", "ring", () -> sync("strategy", "ring")),
        bad("sync.strategy", "parameter-server", () -> sync("strategy", "parameterserver")),
        bad("sync.algorithm", "ring", () -> sync("algorithm", "ring")),
        bad("sync.algorithm", "direct", () -> server("algorithm", "direct")),
        bad("sync.order", "fast", () -> server("order", "fast")),
        bad("sync.tls", "yes", () -> sync("tls", "yes")),
        bad("sync.order", "slow", () -> sync("order", "slow")),
        bad("sync.algorithm", "direct", () -> sync("algorithm", "direct", "order", "fast")),
        bad("sync.bucket-bytes", "-1", () -> sync("bucket-bytes", -1)),
        bad("sync.consistency", "'bps'", () -> server("consistency", "bps")),
        bad(
            "sync.consistency",
            "Set sync.strategy=parameter-server",
            () -> sync("consistency", "ssp:2")),
        bad("sync.placement", "'cloud'", () -> server("placement", "cloud")),
        bad("sync.placement", "driver and 0", () -> sync("placement", "driver")),
        bad("sync.shards", "2 with allreduce", () -> sync("shards", 2)),
        bad("sync.shards", "-1", () -> server("placement", "driver", "shards", -1)),
        bad("sync.compression", "Did you mean 'int8'?", () -> saving("int4", 1, false)),
        bad("sync.compression", "topk:0.01", () -> saving("topk", 1, false)),
        bad("sync.compression", "topk:many", () -> saving("topk:many", 1, false)),
        bad("topk", "0.5", () -> saving("topk:0.5", 1, false)),
        bad("topk", "NaN", () -> saving("topk:NaN", 1, false)),
        bad("sync.compression", "int8:2", () -> saving("int8:2", 1, false)),
        bad("sync.average-every", "0", () -> saving("none", 0, false)),
        bad("sync.average-every", "10001", () -> saving("none", 10_001, false)),
        bad("sync.average-every", "int8", () -> saving("int8", 2, false)),
        bad("sync.average-optimizer", "above 1", () -> saving("none", 1, true)),
        bad("sync.compression", "parameter-server", () -> server("compression", "fp16")),
        bad("sync.average-every", "parameter-server", () -> server("average-every", 2)),
        bad(
            "batchnorm.sync",
            "sync.strategy must be allreduce",
            () -> batchNorm("parameter-server", 1)),
        bad("batchnorm.sync", "got allreduce and 4", () -> batchNorm("allreduce", 4)),
        bad("batchnorm.sync", "train.accumulate must be 1, got 2", () -> batchNorm(2)),
        bad("init", "large", () -> named("lenet5", "large", D.loss())),
        bad("loss.name", "Did you mean 'hinge'?", () -> loss("hing", 0, "", 1, 1)),
        bad("loss.label-smoothing", "1.0", () -> loss("softmax-cross-entropy", 1, "", 1, 1)),
        bad("loss.label-smoothing", "0.5", () -> loss("hinge", 0.5f, "", 1, 1)),
        bad("loss.class-weights", "1,,2", () -> loss("softmax-cross-entropy", 0, "1,,2", 1, 1)),
        bad("loss.class-weights", "-1.0", () -> loss("softmax-cross-entropy", 0, "1,-1", 1, 1)),
        bad("loss.class-weights", "[1.0]", () -> loss("squared-error", 0, "1", 1, 1)),
        bad("loss.delta", "0.0", () -> loss("huber", 0, "", 0, 1)),
        bad("loss.margin", "-1.0", () -> loss("hinge", 0, "", 1, -1)),
        bad("loss.heads", "classes=N", () -> heads("name=a loss=softmax-cross-entropy targets=1")),
        bad("loss.heads", "Did you mean 'targets'?", () -> heads("name=a loss=mse target=1")),
        bad("loss.heads", "a name, name=NAME", () -> heads("loss=mse targets=1")),
        bad("loss.heads", "counted from 1", () -> heads("name=a loss=mse targets=0-1")),
        bad("loss.heads", "got 'x'", () -> heads("name=a loss=mse targets=1-x")),
        bad("loss.heads", "Did you mean 'mse'?", () -> heads("name=a loss=mze targets=1")),
        bad("loss.heads", "0.5", () -> heads("name=a loss=mse targets=1 label-smoothing=0.5")),
        bad("loss.heads", "must say what the heads are", () -> heads("")),
        bad("loss.heads", "got mse", () -> headsOf("mse", PLACE)),
        bad("loss.heads", "none beside it", () -> headsBeside("loss.margin", 2f)),
        bad("distill.match", "outputs", () -> headsBeside("distill.teacher", "runs/a")),
        bad("model", "", () -> named("", D.init().name(), D.loss())));
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

  private static void sync(Object... keysAndValues) {
    Object unused = SyncConfigs.sync(keysAndValues);
  }

  private static void saving(String compression, int averageEvery, boolean averageOptimizer) {
    sync(
        "compression",
        compression,
        "average-every",
        averageEvery,
        "average-optimizer",
        averageOptimizer);
  }

  private static void batchNorm(String strategy, int averageEvery) {
    SyncConfig sync = SyncConfigs.sync("strategy", strategy, "average-every", averageEvery);
    Object unused = TestConfigs.synced(TestConfigs.with(D, sync));
  }

  private static void batchNorm(int accumulate) {
    Object unused = TestConfigs.synced(TestConfigs.accumulating(D, accumulate));
  }

  private static void server(Object... keysAndValues) {
    SyncConfig server = SyncConfigs.sync("strategy", "parameter-server");
    Object unused = Configs.with(server, keysAndValues);
  }

  @Test
  void anAlgorithmThatDoesNotFitTheWorkersIsRefusedWithWhatToSet() {
    SyncConfig halving =
        SyncConfigs.sync("algorithm", "halving-doubling", "order", "exact", "probe", true);
    assertThat(halving.algorithmFor(4)).isEqualTo(AllReduceAlgorithm.HALVING_DOUBLING);
    assertThatThrownBy(() -> halving.algorithmFor(3))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("sync.algorithm=halving-doubling")
        .hasMessageContaining("sync.algorithm=auto")
        .hasMessageContaining("--workers 2");
    SyncConfig hosts =
        SyncConfigs.sync("algorithm", "hierarchical", "order", "exact", "probe", true);
    assertThat(hosts.algorithmFor(3)).isEqualTo(AllReduceAlgorithm.HIERARCHICAL);
    hosts.checkHosts(List.of("a", "a", "b"));
    assertThatThrownBy(() -> hosts.checkHosts(List.of("a", "a", "a")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("one host");
    assertThat(SyncConfig.defaults().algorithmFor(3)).isEqualTo(AllReduceAlgorithm.DIRECT);
    SyncConfig fast = SyncConfigs.sync("algorithm", "auto", "order", "fast", "probe", true);
    assertThat(fast.algorithmFor(3)).isEqualTo(AllReduceAlgorithm.RING);
  }

  private static void rate(float learningRate) {
    Object unused = Configs.with(D, "optimizer.lr", learningRate);
  }

  private static void groups(String text) {
    Object unused = Configs.with(D, "optimizer.groups", text);
  }

  @Test
  void groupsStandOnOneLine() {
    TrainingConfig config =
        Configs.with(
            D,
            "optimizer.groups",
            " match=a.* lr-factor=0.1  weight-decay=0;match=b; ",
            "train.freeze",
            "c, d.*",
            "optimizer.no-decay",
            true);
    ParameterGroups groups = config.parameterGroups();
    assertThat(groups.groups())
        .containsExactly(
            new ParameterGroups.Group(new Glob("a.*"), 0.1f, 0),
            new ParameterGroups.Group(new Glob("b"), 1, ParameterGroups.Group.SAME_DECAY));
    assertThat(groups.frozen()).containsExactly(new Glob("c"), new Glob("d.*"));
    assertThat(groups.decaysAll()).isFalse();
    assertThat(D.parameterGroups()).isEqualTo(ParameterGroups.NONE);
    assertThat(config.identity()).isNotEqualTo(D.identity());
  }

  private static void schedule(String name, Object... keysAndValues) {
    ScheduleConfig known = ScheduleConfig.defaults(name);
    Object unused = Configs.with(known, keysAndValues);
  }

  private static void asynchronousPlateau() {
    Object unused =
        Configs.with(
            D,
            "schedule",
            ScheduleConfig.defaults("plateau"),
            "sync",
            SyncConfigs.sync("strategy", "parameter-server", "consistency", "async"));
  }

  @Test
  void theRateIsScaledWithTheBatchOnRequest() {
    assertThat(D.schedule().initialRate(0.1f, 64)).isEqualTo(0.1f);
    ScheduleConfig scaled = Configs.with(D.schedule(), "base-batch", 256);
    assertThat(scaled.initialRate(0.1f, 1024)).isEqualTo(0.4f);
  }

  @Test
  void aWarmupIsGivenInStepsOrEpochs() {
    ScheduleConfig constant = ScheduleConfig.defaults("constant");
    ScheduleConfig steps = Configs.with(constant, "warmup", "4 steps", "warmup-start", 0.5);
    ScheduleConfig epochs = Configs.with(constant, "warmup", "1 epoch", "warmup-start", 0.5);
    assertThat(steps.rates().learningRate(0.8f, 2, 10, 100)).isEqualTo(0.6f);
    assertThat(epochs.rates().learningRate(0.8f, 5, 10, 100)).isEqualTo(0.6f);
    assertThat(epochs.rates().learningRate(0.8f, 10, 10, 100)).isEqualTo(0.8f);
  }

  private static void momentum(float momentum) {
    Object unused = Configs.with(D, "optimizer.momentum", momentum);
  }

  private static void optimizer(String name) {
    Object unused = Configs.with(D, "optimizer.name", name);
  }

  private static void data(int batch, double validation, String val) {
    Object unused =
        new DataConfig(
            "digits:",
            val,
            validation,
            batch,
            true,
            "unit",
            "",
            "",
            1000,
            1000,
            BadRecordsConfig.defaults(),
            MixConfig.defaults(),
            LimitConfig.defaults());
  }

  private static void train(int epochs, int leaves, double target) {
    Object unused =
        Configs.with(
            TrainingConfig.defaults().train(),
            "epochs",
            epochs,
            "leaves",
            leaves,
            "target",
            target);
  }

  private static void clip(float norm, float value) {
    Object unused =
        Configs.with(TrainingConfig.defaults().train(), "clip", norm, "clip-value", value);
  }

  private static void loss(
      String name, float smoothing, String weights, float delta, float margin) {
    Object unused = new LossConfig(name, smoothing, weights, -100, delta, margin, "");
  }

  private static final String PLACE = "name=place loss=mse targets=2-3 weight=5";

  private static void heads(String heads) {
    headsOf("heads", heads);
  }

  private static void headsOf(String loss, String heads) {
    Object unused = Configs.with(D, "loss.name", loss, "loss.heads", heads);
  }

  private static void headsBeside(String key, Object value) {
    Object unused = Configs.with(D, "loss.name", "heads", "loss.heads", PLACE, key, value);
  }

  @Test
  void headsAreMadeFromTheirList() {
    String text =
        "name=digit loss=softmax-cross-entropy classes=10 targets=1 label-smoothing=0.1; " + PLACE;
    assertThat(Configs.with(D, "loss.name", "heads", "loss.heads", text).lossFunction())
        .isEqualTo(
            new HeadLosses(
                List.of(
                    new Head("digit", new SoftmaxCrossEntropy(0.1f, List.of(), -100), 1, 10, 0, 1),
                    new Head("place", new MeanSquaredError(), 5, 0, 1, 2))));
  }

  private static void named(String model, String init, LossConfig loss) {
    Object unused = Configs.with(D, "model", model, "init.name", init, "loss", loss);
  }

  @Test
  void whatDecidesTheResultIsWhatIdentifiesIt() {
    TrainingConfig c = TestConfigs.small(1, 1);
    TrainingConfig placed = TestConfigs.recovering(c.placedOn(3, 2), "5 steps", 2);
    assertThat(placed.identity()).isEqualTo(c.identity());
    assertThat(TestConfigs.accumulating(c, 2).identity()).isEqualTo(c.identity());
    assertThat(TestConfigs.small(1, 1, 3, 0.04f).identity()).isNotEqualTo(c.identity());
    assertThat(TestConfigs.synced(c).identity()).isNotEqualTo(c.identity());
  }
}
