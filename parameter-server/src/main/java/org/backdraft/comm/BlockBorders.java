package org.backdraft.comm;

import java.util.Arrays;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Where an array may be cut between ranks or shards: at the borders of blocks of {@value
 * ParameterBlocks#SIZE} elements, so that no cut falls inside a block of the sums over parameters
 * (norms, dot products). Immutable and safe for all threads.
 */
public final class BlockBorders {
  private static final int SIZE = ParameterBlocks.SIZE;

  private final int[] borders; // ascending, the last one is the end of the last block

  private BlockBorders(int[] borders) {
    this.borders = borders;
  }

  /** Blocks counted from element 0, for arrays that are one tensor or where nothing is summed. */
  public static BlockBorders uniform() {
    return new BlockBorders(new int[] {0});
  }

  /** The blocks of the tensors of a table, which start anew with each tensor. */
  public static BlockBorders of(ParameterBlocks blocks) {
    int[] borders = new int[blocks.count() + 1];
    for (int block = 0; block < blocks.count(); block++) {
      borders[block] = blocks.begin(block);
      borders[block + 1] = blocks.end(block);
    }
    return new BlockBorders(borders);
  }

  /**
   * The border that is nearest to {@code element}, the lower one of two that are equally near.
   * Behind the last tensor blocks are counted from its end. Never decreases as {@code element}
   * grows.
   */
  public int nearest(int element) {
    int last = borders[borders.length - 1];
    int below;
    int above;
    if (element >= last) {
      below = last + (element - last) / SIZE * SIZE;
      above = below > Integer.MAX_VALUE - SIZE ? Integer.MAX_VALUE : below + SIZE;
    } else {
      int at = Arrays.binarySearch(borders, element);
      if (at >= 0) {
        return element;
      }
      above = borders[-at - 1];
      below = at == -1 ? 0 : borders[-at - 2];
    }
    return above - element < element - below ? above : below;
  }
}
