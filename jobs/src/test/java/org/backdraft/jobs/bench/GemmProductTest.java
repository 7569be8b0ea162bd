package org.backdraft.jobs.bench;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.backdraft.kernel.KernelLookup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GemmProductTest {
  @ParameterizedTest
  @CsvSource({"1,1", "15,2", "16,1", "17,3", "97,2"})
  void theProductIsThatOfSumsInDouble(int size, int threads) {
    try (GemmProduct product = product(size, threads)) {
      product.run();
      assertThatCode(product::check).doesNotThrowAnyException();
    }
  }

  @Test
  void aProductThatWasNotComputedIsFoundOut() {
    try (GemmProduct product = product(33, 1)) {
      assertThatThrownBy(product::check)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("of the product must be about");
    }
  }

  private static GemmProduct product(int size, int threads) {
    return new GemmProduct(size, threads, KernelLookup.choose().kernels());
  }
}
