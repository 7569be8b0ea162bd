package org.backdraft.driver.sync;

import java.io.IOException;
import org.backdraft.plan.OwnedParameters;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Arrays over parameters that a rank keeps, and which parameters they are of: a part of the gang's
 * state. A view: whoever updates changes it.
 *
 * @param owned the parameters
 * @param arrays for each array the elements of {@code owned}, packed in its order
 * @param firstSlot the number of the first of them in the {@link StateLayout}
 * @param isSent whether it is this rank that sends them; else others have the same
 */
public record KeptArrays(OwnedParameters owned, float[][] arrays, int firstSlot, boolean isSent) {
  /** Of all parameters. */
  public static KeptArrays whole(
      ParameterBlocks blocks, float[][] arrays, int firstSlot, boolean isSent) {
    return new KeptArrays(OwnedParameters.all(blocks), arrays, firstSlot, isSent);
  }

  /**
   * Sets elements of an array.
   *
   * @param slot its number in the layout
   * @param begin the first of them, of all parameters
   * @throws IOException if they are not of one range that is owned
   */
  public void put(int slot, int begin, float[] values) throws IOException {
    int packed = 0;
    int array = slot - firstSlot;
    for (int range = 0; range < owned.ranges() && array >= 0 && array < arrays.length; range++) {
      int end = owned.end(range);
      if (begin >= owned.begin(range) && (long) begin + values.length <= end) {
        System.arraycopy(
            values, 0, arrays[array], packed + begin - owned.begin(range), values.length);
        return;
      }
      packed += end - owned.begin(range);
    }
    throw new IOException(
        "State must be of parameters that this rank owns: got array %d, [%d, %d)."
            .formatted(slot, begin, (long) begin + values.length));
  }

  /** The same with arrays of its own. */
  public KeptArrays copy() {
    float[][] copies = new float[arrays.length][];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = arrays[i].clone();
    }
    return new KeptArrays(owned, copies, firstSlot, isSent);
  }

  /** Copies the elements of arrays of the same lengths. */
  public void take(KeptArrays other) {
    for (int i = 0; i < arrays.length; i++) {
      System.arraycopy(other.arrays[i], 0, arrays[i], 0, arrays[i].length);
    }
  }

  /** Copies the elements of all arrays from their places among those of the whole state. */
  public void takeFrom(float[][] slots) {
    int packed = 0;
    for (int range = 0; range < owned.ranges(); range++) {
      int begin = owned.begin(range);
      int length = owned.end(range) - begin;
      for (int i = 0; i < arrays.length; i++) {
        System.arraycopy(slots[firstSlot + i], begin, arrays[i], packed, length);
      }
      packed += length;
    }
  }

  /** Copies all arrays to their places among those of the whole state. */
  public void copyTo(float[][] slots) {
    int packed = 0;
    for (int range = 0; range < owned.ranges(); range++) {
      int begin = owned.begin(range);
      int length = owned.end(range) - begin;
      for (int i = 0; i < arrays.length; i++) {
        System.arraycopy(arrays[i], packed, slots[firstSlot + i], begin, length);
      }
      packed += length;
    }
  }
}
