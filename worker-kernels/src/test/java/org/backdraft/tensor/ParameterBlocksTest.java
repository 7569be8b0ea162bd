package org.backdraft.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ParameterBlocksTest {
  private static ParameterSpec spec(String name, int length) {
    return new ParameterSpec(name, Shape.of(length), ParameterSpec.Role.WEIGHT, 1, 1);
  }

  @Test
  void blocksStartAnewAtEachTensor() {
    ParameterBlocks blocks =
        new ParameterBlocks(
            new ParameterTable(List.of(spec("a", 4096), spec("b", 4097), spec("c", 1))));
    assertThat(blocks.count()).isEqualTo(4);
    assertThat(blocks.tensors()).isEqualTo(3);
    int[][] expected = {{0, 0, 4096}, {1, 4096, 8192}, {1, 8192, 8193}, {2, 8193, 8194}};
    for (int block = 0; block < 4; block++) {
      assertThat(new int[] {blocks.tensor(block), blocks.begin(block), blocks.end(block)})
          .containsExactly(expected[block]);
    }
    assertThat(blocks.first(1)).isEqualTo(1);
    assertThat(blocks.first(3)).isEqualTo(4);
  }

  @Test
  void aBlockIsFoundByItsBegin() {
    ParameterBlocks blocks =
        new ParameterBlocks(new ParameterTable(List.of(spec("a", 4096), spec("b", 4097))));
    for (int block = 0; block < blocks.count(); block++) {
      assertThat(blocks.at(blocks.begin(block))).isEqualTo(block);
    }
    assertThat(blocks.at(8193)).isEqualTo(3);
    assertThatThrownBy(() -> blocks.at(4097))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4097");
  }

  @Test
  void sumsRunOverATreeOfNeighbours() {
    ParameterBlocks blocks =
        new ParameterBlocks(new ParameterTable(List.of(spec("a", 3 * 4096), spec("b", 8192))));
    double big = 0x1p53;
    // (big + 1) + 1: each 1 is lost against big, though 1 + 1 would not be.
    assertThat(blocks.sum(new double[] {big, 1, 1, 0, 0}, 0)).isEqualTo(big);
    // (1 + 1) + big.
    assertThat(blocks.sum(new double[] {1, 1, big, 0, 0}, 0)).isEqualTo(big + 2);
    assertThat(blocks.sum(new double[] {1, 2, 3, 10, 20}, 1)).isEqualTo(30);
    assertThat(blocks.sum(new double[] {1, 2, 3, 10, 20})).isEqualTo(36);
    assertThat(new ParameterBlocks(new ParameterTable(List.of())).sum(new double[0])).isZero();
  }
}
