package org.backdraft.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.loss.Hinge;
import org.backdraft.loss.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

final class ConfigLayersTest {
  @Test
  void withoutLayersTheConfigurationIsTheBuiltInOne() {
    assertThat(ConfigLayers.builtIn().toConfig()).isEqualTo(TrainingConfig.defaults());
  }

  @Test
  void laterLayersWinAndSourcesAreKept() {
    ConfigLayers layers = ConfigLayers.builtIn();
    layers.set(YamlDocument.parse("run.yaml", "data:\n  batch: 32\noptimizer: {lr: 0.5}\n"));
    layers.assign("data.batch=128");
    assertThat(layers.toConfig().data().batch()).isEqualTo(128);
    assertThat(layers.toConfig().optimizer().learningRate()).isEqualTo(0.5f);
    assertThat(layers.settings().get("data.batch").source()).isEqualTo("--set");
    assertThat(layers.settings().get("optimizer.lr").source()).isEqualTo("run.yaml:3");
    assertThat(layers.settings().get("model").isDefault()).isTrue();
  }

  @Test
  void unknownKeyIsRefusedWithFileLineAndNearestKey() {
    YamlDocument document = YamlDocument.parse("run.yaml", "model: mlp\n\noptimiser:\n  lr: 1\n");
    assertThatThrownBy(() -> ConfigLayers.builtIn().set(document))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("'optimiser.lr'")
        .hasMessageContaining("run.yaml:4")
        .hasMessageContaining("'optimizer.lr'");
    assertThatThrownBy(() -> ConfigLayers.builtIn().assign("lr=1"))
        .hasMessageContaining("Did you mean 'optimizer.lr'?");
    assertThatThrownBy(() -> ConfigLayers.builtIn().assign("wolpertinger=1"))
        .hasMessageContaining("Known: model, init");
  }

  @Test
  void valueOfAnotherTypeIsRefusedByKeyAndSource() {
    for (String each :
        List.of(
            "data.batch=many",
            "data.batch=1.5",
            "data.batch=3000000000",
            "optimizer.lr=fast",
            "data.shuffle=perhaps")) {
      String key = each.substring(0, each.indexOf('='));
      assertThatThrownBy(() -> ConfigLayers.builtIn().assign(each))
          .as(each)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining(key)
          .hasMessageContaining(each.substring(each.indexOf('=') + 1))
          .hasMessageContaining("--set");
    }
    YamlDocument document = YamlDocument.parse("run.yaml", "data: {batch: [1, 2]}");
    assertThatThrownBy(() -> ConfigLayers.builtIn().set(document))
        .hasMessageContaining("data.batch")
        .hasMessageContaining("run.yaml:1");
  }

  @Test
  void aListIsTheTextThatSetTakes() {
    ConfigLayers layers = ConfigLayers.builtIn();
    layers.set(
        YamlDocument.parse(
            "run.yaml",
            """
            loss: {class-weights: [1, 0.5, 2]}
            optimizer:
              groups:
                - {match: "features.*", lr-factor: 0.1, weight-decay: 0}
                - {match: "*.bias", weight-decay: 0}
            train: {freeze: ["conv1.*", "bn1.*"]}
            """));
    assertThat(layers.settings().get("loss.class-weights").value()).isEqualTo("1,0.5,2");
    assertThat(layers.settings().get("optimizer.groups").value())
        .isEqualTo("match=features.* lr-factor=0.1 weight-decay=0; match=*.bias weight-decay=0");
    assertThat(layers.settings().get("train.freeze").value()).isEqualTo("conv1.*,bn1.*");
    assertThat(layers.toConfig().parameterGroups().groups()).hasSize(2);
    YamlDocument mixed = YamlDocument.parse("run.yaml", "train: {freeze: [a, {b: c}]}");
    assertThatThrownBy(() -> ConfigLayers.builtIn().set(mixed))
        .hasMessageContaining("train.freeze")
        .hasMessageContaining("run.yaml:1");
  }

  @Test
  void theBatchCanBeAllExamples() {
    ConfigLayers layers = ConfigLayers.builtIn().assign("data.batch=all");
    assertThat(layers.toConfig().data().takesAll()).isTrue();
    assertThat(ConfigText.of(layers)).contains("batch: all ");
    assertThatThrownBy(() -> ConfigLayers.builtIn().assign("train.epochs=all"))
        .hasMessageContaining("train.epochs");
  }

  @Test
  void settingsOfAScheduleFollowItsName() {
    ConfigLayers layers = ConfigLayers.builtIn().assign("schedule=exponential");
    assertThat(layers.toConfig().schedule().factor()).isEqualTo(0.95f);
    layers.assign("schedule.factor=0.5").assign("schedule=multi-step");
    assertThat(layers.toConfig().schedule().factor()).isEqualTo(0.5f);
    assertThat(layers.toConfig().schedule().milestones()).isEqualTo("30,60,80");
  }

  @Test
  void valuesOutOfRangeAreRefusedByTheRecordsThemselves() {
    for (String each :
        List.of("optimizer.lr=NaN", "optimizer.lr=0", "train.epochs=0", "train.leaves=3")) {
      ConfigLayers layers = ConfigLayers.builtIn().assign(each);
      assertThatThrownBy(layers::toConfig)
          .as(each)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining(each.substring(0, each.indexOf('=')));
    }
  }

  @Test
  void defaultsFollowTheOptimizer() {
    ConfigLayers layers = ConfigLayers.builtIn().assign("optimizer.momentum=0.5");
    layers.assign("optimizer.name=adamw");
    assertThat(layers.toConfig().optimizer().learningRate()).isEqualTo(0.001f);
    assertThat(layers.toConfig().optimizer().weightDecay()).isEqualTo(0.01f);
    assertThat(layers.toConfig().optimizer().momentum()).isEqualTo(0.5f);
    assertThat(layers.settings().get("optimizer.lr").isDefault()).isTrue();
    layers.assign("optimizer.lr=0.25").assign("optimizer.name=adagrad");
    assertThat(layers.toConfig().optimizer().learningRate()).isEqualTo(0.25f);
    assertThat(layers.toConfig().optimizer().epsilon()).isEqualTo(1e-10f);
  }

  @Test
  void anUnknownOptimizerIsRefusedWithTheNearest() {
    assertThatThrownBy(() -> ConfigLayers.builtIn().assign("optimizer.name=adamv").toConfig())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("optimizer.name")
        .hasMessageContaining("Did you mean 'adam");
  }

  @Test
  void aSectionAloneStandsForTheNameInIt() {
    ConfigLayers layers = ConfigLayers.builtIn().assign("loss=hinge");
    layers.set(YamlDocument.parse("run.yaml", "optimizer: adam\n"));
    assertThat(layers.toConfig().lossFunction()).isEqualTo(new Hinge(1));
    assertThat(layers.toConfig().optimizer().name()).isEqualTo("adam");
    assertThat(layers.toConfig().optimizer().learningRate()).isEqualTo(0.001f);
  }

  @Test
  void lossesHaveSettings() {
    ConfigLayers layers =
        ConfigLayers.builtIn().set(YamlDocument.parse("run.yaml", "loss: {class-weights: 2}"));
    layers.assign("loss.label-smoothing=0.1").assign("loss.ignored-label=255");
    assertThat(layers.toConfig().lossFunction())
        .isEqualTo(new SoftmaxCrossEntropy(0.1f, List.of(2f), 255));
    assertThatThrownBy(() -> ConfigLayers.builtIn().assign("loss=hinje").toConfig())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("loss.name")
        .hasMessageContaining("Did you mean 'hinge'?");
  }

  @Test
  void wholeNumbersMayBeWrittenInScientificNotation() {
    assertThat(ConfigLayers.builtIn().assign("train.steps=1e6").toConfig().train().steps())
        .isEqualTo(1_000_000);
  }

  @Test
  void assignmentWithoutAnEqualsSignIsRefused() {
    assertThatThrownBy(() -> ConfigLayers.builtIn().assign("optimizer.lr"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("KEY=VALUE");
  }
}
