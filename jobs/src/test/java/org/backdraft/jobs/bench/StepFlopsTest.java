package org.backdraft.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkDescription;
import org.junit.jupiter.api.Test;

final class StepFlopsTest {
  private static Network twoLayers() {
    return NetworkDescription.fromMap(
        java.util.Map.of(
            "name",
            "two",
            "input",
            java.util.List.of(5),
            "layers",
            java.util.List.of(
                java.util.Map.of("name", "a", "type", "linear", "out", 3),
                java.util.Map.of("name", "b", "type", "linear", "out", 2))));
  }

  @Test
  void firstLayerWithWeightsNeedsNoGradientOfItsInput() {
    Network network = twoLayers();
    // a: 15 forward + 15 weights; b: 6 forward + 6 weights + 6 input.
    assertThat(StepFlops.perExample(network)).isEqualTo(2 * (30 + 18));
  }

  @Test
  void gradientsOfTheLastLayersAreFinalFirst() {
    Network network = twoLayers();
    // The forward pass takes 21 of 48, the backward pass of b 12 and of a 15; a has 18 parameters.
    assertThat(StepFlops.doneWhenFinal(network, 18)).isEqualTo(33 / 48.0);
    assertThat(StepFlops.doneWhenFinal(network, 17)).isEqualTo(1);
    assertThat(StepFlops.doneWhenFinal(network, 0)).isEqualTo(1);
  }

  @Test
  void parametersOfTheFirstLayersAreNeededFirst() {
    Network network = twoLayers();
    assertThat(StepFlops.doneWhenNeeded(network, 18)).isEqualTo(15 / 48.0);
    assertThat(StepFlops.doneWhenNeeded(network, 17)).isEqualTo(0);
    assertThat(StepFlops.doneWhenNeeded(network, 0)).isEqualTo(0);
  }
}
