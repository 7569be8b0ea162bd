package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class KernelLookupTest {
  /**
   * {@code -Dtests.kernels=scalar} tells that the JVM at hand cannot run SIMD; else SIMD must run,
   * and with {@code -Dtests.vector-bits=512} in vectors of that width.
   */
  @Test
  void expectedKernelsAreActive() {
    KernelLookup.Choice choice = KernelLookup.choose("auto");
    boolean fast = !System.getProperty("tests.kernels", "simd").equals("scalar");
    assertThat(choice.fast()).as(choice.explanation()).isEqualTo(fast);
    assertThat(choice.kernels()).isInstanceOf(fast ? SimdKernels.class : ScalarKernels.class);
    assertThat(choice.explanation()).contains(choice.kernels().description());
    String bits = System.getProperty("tests.vector-bits");
    if (bits != null) {
      assertThat(choice.kernels().description()).isEqualTo("SIMD, " + bits + " bits");
    }
  }

  @Test
  void scalarKernelsCanBeAskedFor() {
    KernelLookup.Choice choice = KernelLookup.choose("scalar");
    assertThat(choice.fast()).isFalse();
    assertThat(choice.kernels()).isInstanceOf(ScalarKernels.class);
    assertThat(choice.explanation()).contains("-Dbackdraft.kernels=scalar");
  }

  @Test
  void unknownDemandIsRefused() {
    assertThatThrownBy(() -> KernelLookup.choose("fast"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("auto, simd or scalar")
        .hasMessageContaining("'fast'");
  }
}
