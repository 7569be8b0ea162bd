package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.backdraft.kernel.tile.RegisterChains;
import org.junit.jupiter.api.Test;

final class PeakProbeTest {
  @Test
  void chainsConvergeToTheirFixedPoint() {
    assertThat(RegisterChains.run(7)).isCloseTo(0.5f, within(1e-6f));
  }

  @Test
  void measuresSomethingWhereTheVectorModuleIsThere() throws InterruptedException {
    assertThat(PeakProbe.gflops(1, 20).orElseThrow()).isPositive();
  }
}
