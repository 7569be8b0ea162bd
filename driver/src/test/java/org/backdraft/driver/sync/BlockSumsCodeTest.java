package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockSumsCodeTest {
  @Test
  void everyBitReturnsThoughZerosOfOthersAreAdded() {
    Random random = new Random(1);
    double[][] numbers = {
      {0, -0.0, 1, Double.MIN_VALUE, Double.MAX_VALUE, Double.NEGATIVE_INFINITY, Double.NaN},
      new double[1000]
    };
    for (int i = 0; i < 1000; i++) {
      numbers[1][i] = Double.longBitsToDouble(random.nextLong());
    }
    float[] sums = new float[BlockSumsCode.FLOATS * 1007];
    float[] zeros = new float[sums.length];
    BlockSumsCode.encode(numbers, sums);
    BlockSumsCode.encode(new double[][] {new double[1007]}, zeros);
    for (int i = 0; i < sums.length; i++) {
      assertThat(zeros[i]).isZero();
      assertThat(sums[i]).isBetween(0f, 65535f);
      sums[i] = zeros[i] + sums[i] + zeros[i];
    }
    double[][] decoded = {new double[7], new double[1000]};
    BlockSumsCode.decode(sums, decoded);
    for (int kind = 0; kind < 2; kind++) {
      for (int i = 0; i < numbers[kind].length; i++) {
        assertThat(Double.doubleToRawLongBits(decoded[kind][i]))
            .isEqualTo(Double.doubleToRawLongBits(numbers[kind][i]));
      }
    }
  }
}
