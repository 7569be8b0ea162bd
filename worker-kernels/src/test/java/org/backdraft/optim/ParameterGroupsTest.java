package org.backdraft.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.backdraft.optim.ParameterGroups.Group;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.backdraft.text.Glob;
import org.junit.jupiter.api.Test;

class ParameterGroupsTest {
  private static final ParameterTable PARAMETERS =
      table(
          "features.0.weight WEIGHT",
          "features.0.bias BIAS",
          "features.1.weight SCALE",
          "features.1.bias SHIFT",
          "classifier.weight WEIGHT",
          "classifier.bias BIAS");

  private static final ParameterTable BUFFERS =
      table("features.1.running_mean RUNNING_MEAN", "features.1.running_var RUNNING_VARIANCE");

  private static ParameterTable table(String... specs) {
    List<ParameterSpec> all = new ArrayList<>();
    for (String each : specs) {
      String[] words = each.split(" ");
      all.add(new ParameterSpec(words[0], Shape.of(3), ParameterSpec.Role.valueOf(words[1]), 1, 1));
    }
    return new ParameterTable(all);
  }

  private static ParameterGroups freezing(String... patterns) {
    return new ParameterGroups(List.of(), Stream.of(patterns).map(Glob::new).toList(), true);
  }

  private static ParameterGroups grouping(String... patterns) {
    List<Group> groups =
        Arrays.stream(patterns).map(each -> new Group(new Glob(each), 0.5f, 0)).toList();
    return new ParameterGroups(groups, List.of(), true);
  }

  @Test
  void theFirstGroupThatMatchesDecides() {
    ParameterGroups groups =
        new ParameterGroups(
            List.of(
                new Group(new Glob("*.0.*"), 0.5f, Group.SAME_DECAY),
                new Group(new Glob("features.*"), 0.25f, 0.1f)),
            List.of(),
            true);
    TensorRules rules = new TensorRules(new Sgd(0.2f), groups, PARAMETERS);
    assertThat(rules.rate(0, 1)).isEqualTo(0.5f);
    assertThat(rules.rate(2, 1)).isEqualTo(0.25f);
    assertThat(rules.rate(4, 1)).isEqualTo(1);
    assertThat(groups.weightDecay(PARAMETERS.entry("features.0.bias").spec())).isNaN();
    assertThat(groups.weightDecay(PARAMETERS.entry("features.1.bias").spec())).isEqualTo(0.1f);
  }

  @Test
  void biasesAndNormsAreSparedUnlessTheirGroupSaysSo() {
    ParameterGroups groups =
        new ParameterGroups(
            List.of(new Group(new Glob("classifier.*"), 1, 0.3f)), List.of(), false);
    assertThat(groups.weightDecay(PARAMETERS.entry("features.0.weight").spec())).isNaN();
    assertThat(groups.weightDecay(PARAMETERS.entry("features.0.bias").spec())).isZero();
    assertThat(groups.weightDecay(PARAMETERS.entry("features.1.weight").spec())).isZero();
    assertThat(groups.weightDecay(PARAMETERS.entry("classifier.bias").spec())).isEqualTo(0.3f);
  }

  @Test
  void aPatternForABuffersNameFreezesItsLayer() {
    assertThat(freezing("features.*").frozenLayers(BUFFERS)).containsExactly("features.1");
    assertThat(freezing("*.weight").frozenLayers(BUFFERS)).isEmpty();
    freezing("*.running_mean").check(PARAMETERS, BUFFERS);
  }

  @Test
  void aPatternForNothingIsRefusedWithWhatIsNear() {
    assertThatThrownBy(() -> freezing("featurs.*").check(PARAMETERS, BUFFERS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("train.freeze")
        .hasMessageContaining("'featurs.*' matches none")
        .hasMessageContaining("Did you mean 'features.*'?");
    assertThatThrownBy(() -> grouping("*.0.wieght").check(PARAMETERS, BUFFERS))
        .hasMessageContaining("optimizer.groups")
        .hasMessageContaining("Did you mean '*.0.weight'?");
    assertThatThrownBy(() -> grouping("*.running_mean").check(PARAMETERS, BUFFERS))
        .hasMessageContaining("There are features.0.weight");
    assertThatThrownBy(() -> freezing("*").check(PARAMETERS, BUFFERS))
        .hasMessageContaining("leave a parameter");
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new Group(new Glob("a"), 0, 0)).hasMessageContaining("lr-factor");
    assertThatThrownBy(() -> new Group(new Glob("a"), 1, -1)).hasMessageContaining("weight-decay");
    assertThatThrownBy(() -> new Group(new Glob(" "), 1, 1)).hasMessageContaining("pattern");
    Rprop rprop = new Rprop(0.5f, 1.2f, 1e-6f, 50);
    ParameterGroups decaying =
        new ParameterGroups(List.of(new Group(new Glob("*"), 1, 0.1f)), List.of(), true);
    assertThatThrownBy(() -> new TensorRules(rprop, decaying, PARAMETERS))
        .hasMessageContaining("rprop");
  }
}
