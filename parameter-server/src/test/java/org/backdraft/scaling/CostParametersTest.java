package org.backdraft.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.probe.ProbeResult;
import org.junit.jupiter.api.Test;

class CostParametersTest {
  @Test
  void fittedAreTheMediansOfAProbe() {
    ProbeResult probe =
        new ProbeResult(
            AllReduceAlgorithm.HALVING_DOUBLING,
            "",
            1,
            1,
            List.of(),
            List.of(4e9, 8e9),
            List.of(
                new ProbeResult.LinkSpeed(0, 1, 2e9, 10e-6),
                new ProbeResult.LinkSpeed(1, 2, 1e9, 30e-6),
                new ProbeResult.LinkSpeed(2, 0, 5e6, 20e-6)),
            0.5);
    assertThat(CostParameters.fitted(probe)).isEqualTo(new CostParameters(20e-6, 1 / 1e9, 1 / 6e9));
  }

  @Test
  void rejectsTimesThatAreNone() {
    assertThatThrownBy(() -> new CostParameters(-1, 0, 0)).hasMessageContaining("latency");
    assertThatThrownBy(() -> new CostParameters(0, Double.POSITIVE_INFINITY, 0))
        .hasMessageContaining("time of a byte");
  }
}
