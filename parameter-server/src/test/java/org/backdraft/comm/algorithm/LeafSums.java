package org.backdraft.comm.algorithm;

import java.util.List;
import java.util.Random;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;

/** V leaf vectors and, by the definition alone, their sums over nodes of the tree. */
final class LeafSums {
  private final float[][] leaves;

  LeafSums(long seed, int count, int length) {
    this(seed, count, length, count);
  }

  /** As of a short last batch: all leaves but {@code filled} of them are empty and hold +0. */
  LeafSums(long seed, int count, int length, int filled) {
    Random random = new Random(seed);
    leaves = new float[count][length];
    for (int j = 0; j < count; j++) {
      float[] leaf = leaves[j];
      if ((j + 1L) * filled / count == (long) j * filled / count) {
        continue;
      }
      for (int i = 0; i < length; i++) {
        // Magnitudes from 1e-20 to 1e20: nearly any other order of additions shows in the bits.
        float mantissa = random.nextFloat() * 2 - 1;
        leaf[i] =
            switch (random.nextInt(8)) {
              case 0 -> -0.0f;
              case 1 -> mantissa * 1e20f;
              case 2 -> mantissa * 1e-20f;
              default -> mantissa;
            };
      }
    }
  }

  /** The sum over a node: the node of its left half plus the node of its right half. */
  float[] node(int begin, int end) {
    if (end - begin == 1) {
      return leaves[begin].clone();
    }
    int middle = (begin + end) >>> 1;
    float[] sum = node(begin, middle);
    float[] right = node(middle, end);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += right[i];
    }
    return sum;
  }

  float[] total() {
    return node(0, leaves.length);
  }

  /** What a rank brings: one array for each of its subtrees. */
  float[][] of(int rank, int worldSize) {
    List<LeafRange> subtrees = new Leaves(leaves.length).rangeOf(rank, worldSize).subtrees();
    float[][] sums = new float[subtrees.size()][];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = node(subtrees.get(i).begin(), subtrees.get(i).end());
    }
    return sums;
  }
}
