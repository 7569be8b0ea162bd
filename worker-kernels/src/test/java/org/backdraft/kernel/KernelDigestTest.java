package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * This JVM computes what every JVM computes: the digest of all kernels' results is a constant of
 * the repository. SIMD kernels are run until they are compiled, and must not change on the way.
 */
final class KernelDigestTest {
  private static final int ROUNDS = 400;

  @Test
  void scalarKernelsGiveTheKnownDigest() {
    KernelDigest digest = new KernelDigest(new ScalarKernels());
    for (int round = 0; round < 20; round++) {
      assertThat(digest.compute()).as("round %d", round).isEqualTo(KernelDigest.EXPECTED);
    }
  }

  @Test
  void simdKernelsGiveTheKnownDigestColdAndCompiled() {
    KernelDigest digest = new KernelDigest(new SimdKernels());
    for (int round = 0; round < ROUNDS; round++) {
      assertThat(digest.compute()).as("round %d", round).isEqualTo(KernelDigest.EXPECTED);
    }
  }
}
