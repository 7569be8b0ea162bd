package org.backdraft.jobs.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.backdraft.checkpoint.ModelFileException;
import org.backdraft.driver.TrainedOn;
import org.backdraft.driver.Weights;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.config.ConfigLayers;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network with another head starts with the weights of a trained one. */
class InitialWeightsTest {
  @TempDir Path folder;

  private final List<String> notes = new ArrayList<>();

  private static Network network(int classes) {
    return Network.named("small", Shape.of(1, 4, 4))
        .add("conv1", Conv2d.of(2, 3))
        .add("bn1", new BatchNorm2d())
        .add("flatten", new Flatten())
        .add("fc1", Linear.of(classes))
        .build();
  }

  private static TrainingConfig config(String fresh, long seed) {
    return ConfigLayers.builtIn()
        .set("init.fresh", fresh, "test")
        .set("train.seed", seed, "test")
        .toConfig();
  }

  /** Of five classes, with weights that are all 9. */
  @BeforeEach
  void writeModel() throws Exception {
    Network trained = network(5);
    Weights weights =
        new Weights(
            new float[trained.parameterTable().size()], new float[trained.bufferTable().size()]);
    Arrays.fill(weights.parameters(), 9);
    Arrays.fill(weights.buffers(), 9);
    new TrainedModel(trained, weights, new TrainedOn("unit", List.of()), Map.of()).write(folder);
  }

  private Weights start(int classes, String fresh, long seed) throws Exception {
    return new InitialWeights(folder, config(fresh, seed), notes::add).of(network(classes));
  }

  private static float[] values(ParameterTable table, float[] values, String name) {
    for (ParameterTable.Entry entry : table.entries()) {
      if (entry.name().equals(name)) {
        return Arrays.copyOfRange(values, entry.begin(), entry.end());
      }
    }
    throw new AssertionError(name);
  }

  @Test
  void aHeadOfAnotherShapeIsRefusedWithTheSettingThatStartsItAnew() {
    assertThatThrownBy(() -> start(3, "", 1))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("'fc1.weight' must be (3, 8): found (5, 8)")
        .hasMessageContaining("'fc1.bias' must be (3): found (5)")
        .hasMessageContaining("set init.fresh=fc1.*.");
    assertThat(notes).isEmpty();
  }

  @Test
  void whatStartsAnewIsDrawnAndAllElseIsTheModels() throws Exception {
    Network network = network(3);
    Weights weights = start(3, "fc1.*", 7);
    Weights drawn = InitialWeights.drawn(network, config("", 7));
    ParameterTable table = network.parameterTable();

    assertThat(values(table, weights.parameters(), "fc1.weight"))
        .isEqualTo(values(table, drawn.parameters(), "fc1.weight"))
        .isNotEqualTo(values(table, start(3, "fc1.*", 8).parameters(), "fc1.weight"));
    assertThat(values(table, weights.parameters(), "fc1.bias")).containsOnly(0);
    assertThat(values(table, weights.parameters(), "conv1.weight")).containsOnly(9);
    assertThat(weights.buffers()).containsOnly(9);
    assertThat(notes.get(0)).startsWith("fc1.weight (3, 8), fc1.bias (3) start anew (init.fresh)");
  }

  @Test
  void aHeadThatFitsIsKeptUnlessItIsNamed() throws Exception {
    Network network = network(5);
    ParameterTable table = network.parameterTable();

    assertThat(values(table, start(5, "", 1).parameters(), "fc1.weight")).containsOnly(9);
    assertThat(notes).isEmpty();
    assertThat(values(table, start(5, "fc1.weight", 1).parameters(), "fc1.weight"))
        .doesNotContain(9);
  }

  @Test
  void buffersStartAnewToo() throws Exception {
    Network network = network(5);
    Weights weights = start(5, "bn1.running_*", 1);
    assertThat(values(network.bufferTable(), weights.buffers(), "bn1.running_mean"))
        .containsOnly(0);
    assertThat(values(network.bufferTable(), weights.buffers(), "bn1.running_var")).containsOnly(1);
    assertThat(weights.parameters()).containsOnly(9);
  }

  @Test
  void tensorsOfTheModelThatAreNotNamedHaveToFit() {
    Network other =
        Network.named("other", Shape.of(1, 4, 4))
            .add("conv1", Conv2d.of(2, 3))
            .add("bn1", new BatchNorm2d())
            .add("flatten", new Flatten())
            .add("head", Linear.of(5))
            .build();
    assertThatThrownBy(() -> new InitialWeights(folder, config("head.*", 1), notes::add).of(other))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("'fc1.weight' is not in the model")
        .hasMessageContaining("set init.fresh=head.*,fc1.*.");
  }

  @Test
  void aPatternThatMatchesNothingIsRefused() {
    assertThatThrownBy(() -> start(5, "fc9.*", 1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("init.fresh must match names")
        .hasMessageContaining("'fc9.*' matches none of bn1.bias");
  }
}
