package org.backdraft.leaf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeSumTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 16, 64, 1024})
  void anyNumberOfWorkersGivesTheExpressionOfTheFixedTree(int count) {
    Leaves leaves = new Leaves(count);
    String whole = expression(0, count);
    for (int worldSize = 1; worldSize <= Math.min(count, 37); worldSize++) {
      List<LeafRange> nodes = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        nodes.addAll(leaves.rangeOf(rank, worldSize).subtrees());
      }
      String[] sums = new String[nodes.size()];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = expression(nodes.get(i).begin(), nodes.get(i).end());
      }
      List<TreeSum.Addition> additions = TreeSum.plan(leaves, nodes);
      for (TreeSum.Addition each : additions) {
        sums[each.target()] = "(" + sums[each.target()] + "+" + sums[each.source()] + ")";
      }
      assertThat(additions).hasSize(nodes.size() - 1);
      assertThat(sums[0]).as("%d workers", worldSize).isEqualTo(whole);
    }
  }

  @Test
  void everySourceIsReadOnceAndNeverAgain() {
    Leaves leaves = new Leaves(16);
    List<LeafRange> nodes = new ArrayList<>();
    for (int rank = 0; rank < 5; rank++) {
      nodes.addAll(leaves.rangeOf(rank, 5).subtrees());
    }
    boolean[] spent = new boolean[nodes.size()];
    for (TreeSum.Addition each : TreeSum.plan(leaves, nodes)) {
      assertThat(spent[each.target()]).isFalse();
      assertThat(spent[each.source()]).isFalse();
      spent[each.source()] = true;
    }
  }

  @Test
  void refusesNodesThatDoNotCoverAllLeaves() {
    Leaves leaves = new Leaves(4);
    assertThatThrownBy(() -> TreeSum.plan(leaves, List.of(new LeafRange(0, 2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cover all 4 leaves");
    assertThatThrownBy(
            () -> TreeSum.plan(leaves, List.of(new LeafRange(0, 2), new LeafRange(3, 4))))
        .hasMessageContaining("without a gap");
    assertThatThrownBy(() -> TreeSum.plan(leaves, List.of(new LeafRange(0, 3))))
        .hasMessageContaining("must be [k");
    assertThatThrownBy(() -> TreeSum.plan(leaves, List.of()))
        .hasMessageContaining("cover all 4 leaves");
  }

  private static String expression(int begin, int end) {
    if (end - begin == 1) {
      return Integer.toString(begin);
    }
    int middle = (begin + end) >>> 1;
    return "(" + expression(begin, middle) + "+" + expression(middle, end) + ")";
  }
}
