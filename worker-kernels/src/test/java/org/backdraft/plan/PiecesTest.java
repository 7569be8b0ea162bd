package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PiecesTest {
  private static final Network NET =
      Network.named("net", Shape.of(4)).add("fc", Linear.of(2)).build();

  private static Plan.Request request(int leaves, LeafRange range, int capacity, int accumulate) {
    return new Plan.Request(
            NET, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(leaves), range, capacity, 1, 0)
        .with(new Plan.Options(accumulate, false));
  }

  private static Pieces pieces(int leaves, int begin, int end, int accumulate) {
    return Pieces.of(request(leaves, new LeafRange(begin, end), 100, accumulate));
  }

  private static List<Integer> sizes(Pieces pieces) {
    return pieces.pieces().stream().map(piece -> piece.leaves().size()).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 8, 1, 8",
    "0, 8, 2, 4 4",
    "0, 8, 3, 2 2 2 2",
    "0, 8, 4, 2 2 2 2",
    "0, 8, 5, 1 1 1 1 1 1 1 1",
    "1, 8, 1, 7",
    "1, 8, 2, 1 2 4",
    "1, 8, 3, 1 2 4",
    "1, 8, 4, 1 2 2 2",
    "1, 8, 5, 1 1 1 1 1 1 1",
    "0, 6, 2, 4 2",
    "2, 5, 2, 2 1",
    "2, 5, 3, 1 1 1",
    "5, 6, 1, 1"
  })
  void piecesAreTheLargestNodesOfWhichThereAreEnough(
      int begin, int end, int accumulate, String expected) {
    List<Integer> sizes = sizes(pieces(8, begin, end, accumulate));
    assertThat(String.join(" ", sizes.stream().map(String::valueOf).toList())).isEqualTo(expected);
  }

  @Test
  void piecesFollowEachOtherAndLieInTheNodesOfTheWorker() {
    for (int begin = 0; begin < 16; begin++) {
      for (int end = begin + 1; end <= 16; end++) {
        for (int accumulate = 2; accumulate <= end - begin; accumulate++) {
          Pieces pieces = pieces(16, begin, end, accumulate);
          assertThat(pieces.pieces()).hasSizeGreaterThanOrEqualTo(accumulate);
          int at = 0;
          for (Pieces.Piece piece : pieces.pieces()) {
            LeafRange leaves = piece.leaves();
            LeafRange node = pieces.nodes().get(piece.node());
            assertThat(leaves.begin()).isEqualTo(at);
            assertThat((begin + leaves.begin()) % leaves.size()).isZero();
            assertThat(node.begin() + piece.number() * leaves.size()).isEqualTo(leaves.begin());
            assertThat(leaves.end()).isLessThanOrEqualTo(node.end());
            assertThat(piece.subtrees()).containsExactly(new LeafRange(0, leaves.size()));
            at = leaves.end();
          }
          assertThat(at).isEqualTo(end - begin);
        }
      }
    }
  }

  @Test
  void additionsLeaveOneSumOfEachNode() {
    for (int accumulate = 1; accumulate <= 16; accumulate *= 2) {
      Pieces pieces = pieces(16, 0, 16, accumulate);
      List<LeafRange> waiting = new ArrayList<>();
      for (Pieces.Piece piece : pieces.pieces()) {
        assertThat(piece.waiting()).isEqualTo(waiting.size());
        waiting.add(piece.leaves());
        for (int i = 0; i < piece.additions(); i++) {
          LeafRange right = waiting.remove(waiting.size() - 1);
          LeafRange left = waiting.remove(waiting.size() - 1);
          assertThat(left.size()).isEqualTo(right.size());
          waiting.add(new LeafRange(left.begin(), right.end()));
        }
      }
      assertThat(waiting).containsExactly(new LeafRange(0, 16));
      assertThat(pieces.partialSums()).isEqualTo(Integer.numberOfTrailingZeros(accumulate));
    }
  }

  @Test
  void theCapacityIsThatOfTheLargestPieceOfAnyBatchThatFits() {
    Leaves leaves = new Leaves(8);
    for (int begin = 0; begin < 8; begin++) {
      for (int end = begin + 1; end <= 8; end++) {
        for (int accumulate = 1; accumulate <= end - begin; accumulate++) {
          for (int capacity = 1; capacity <= 20; capacity++) {
            Pieces pieces = Pieces.of(request(8, new LeafRange(begin, end), capacity, accumulate));
            assertThat(pieces.capacity())
                .as("%d pieces of leaves %d to %d, %d examples", accumulate, begin, end, capacity)
                .isEqualTo(
                    accumulate == 1
                        ? capacity
                        : mostExamples(leaves, begin, end, capacity, pieces));
          }
        }
      }
    }
  }

  private static int mostExamples(Leaves leaves, int begin, int end, int capacity, Pieces pieces) {
    int most = 1;
    for (int n = 0; n <= 8 * (capacity + 2); n++) {
      if (leaves.begin(end, n) - leaves.begin(begin, n) <= capacity) {
        for (Pieces.Piece piece : pieces.pieces()) {
          int first = leaves.begin(begin + piece.leaves().begin(), n);
          most = Math.max(most, leaves.begin(begin + piece.leaves().end(), n) - first);
        }
      }
    }
    return most;
  }

  @Test
  void piecesOfManyLeavesAreCutAtOnce() {
    LeafRange range = new LeafRange(1, 1024);
    Pieces pieces = Pieces.of(request(1024, range, 1 << 20, 600));
    assertThat(pieces.pieces()).hasSize(1023);
    assertThat(pieces.capacity()).isEqualTo(1026);
  }

  @Test
  void refusesMorePiecesThanLeaves() {
    assertThatThrownBy(() -> pieces(8, 2, 5, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 3: got 4 pieces");
    assertThatThrownBy(() -> new Plan.Options(0, false)).hasMessageContaining("at least 1: got 0");
  }
}
