package org.backdraft.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkDescription;
import org.junit.jupiter.api.Test;

final class StepFlopsTest {
  @Test
  void firstLayerWithWeightsNeedsNoGradientOfItsInput() {
    Network network =
        NetworkDescription.fromMap(
            java.util.Map.of(
                "name",
                "two",
                "input",
                java.util.List.of(5),
                "layers",
                java.util.List.of(
                    java.util.Map.of("name", "a", "type", "linear", "out", 3),
                    java.util.Map.of("name", "b", "type", "linear", "out", 2))));
    // a: 15 forward + 15 weights; b: 6 forward + 6 weights + 6 input.
    assertThat(StepFlops.perExample(network)).isEqualTo(2 * (30 + 18));
  }
}
