package org.backdraft.optim;

import org.backdraft.tensor.ParameterBlocks;

/** Dot products over all parameters, in double over fixed blocks. Used by one thread. */
final class BlockDots {
  private final ParameterBlocks blocks;
  private final double[] sums;

  BlockDots(ParameterBlocks blocks) {
    this.blocks = blocks;
    sums = new double[blocks.count()];
  }

  /** How many parameters there are. */
  int length() {
    return blocks.count() == 0 ? 0 : blocks.end(blocks.count() - 1);
  }

  double of(float[] a, float[] b) {
    for (int block = 0; block < sums.length; block++) {
      double sum = 0;
      for (int i = blocks.begin(block); i < blocks.end(block); i++) {
        sum += (double) a[i] * b[i];
      }
      sums[block] = sum;
    }
    return blocks.sum(sums);
  }

  /** Of {@code a − b} and {@code c − d}, whose elements are subtracted in double. */
  double ofDifferences(float[] a, float[] b, float[] c, float[] d) {
    for (int block = 0; block < sums.length; block++) {
      double sum = 0;
      for (int i = blocks.begin(block); i < blocks.end(block); i++) {
        sum += ((double) a[i] - b[i]) * ((double) c[i] - d[i]);
      }
      sums[block] = sum;
    }
    return blocks.sum(sums);
  }

  /** The sum of absolute values. */
  double absolutes(float[] a) {
    for (int block = 0; block < sums.length; block++) {
      double sum = 0;
      for (int i = blocks.begin(block); i < blocks.end(block); i++) {
        sum += Math.abs(a[i]);
      }
      sums[block] = sum;
    }
    return blocks.sum(sums);
  }
}
