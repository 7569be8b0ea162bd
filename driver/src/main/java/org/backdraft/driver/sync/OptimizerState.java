package org.backdraft.driver.sync;

import java.io.IOException;
import org.backdraft.plan.OwnedParameters;
import org.backdraft.tensor.ParameterBlocks;

/**
 * The optimizer's arrays that a rank keeps, and which parameters they are of. A view: whoever
 * updates changes it.
 *
 * @param owned the parameters
 * @param slots for each state array of the rule the elements of {@code owned}, packed in its order
 */
public record OptimizerState(OwnedParameters owned, float[][] slots) {
  /** Of all parameters. */
  static OptimizerState whole(ParameterBlocks blocks, float[][] slots) {
    return new OptimizerState(OwnedParameters.all(blocks), slots);
  }

  /** Of none: something else keeps it. */
  static OptimizerState none(ParameterBlocks blocks) {
    return new OptimizerState(new OwnedParameters(blocks, new int[0], new int[0]), new float[0][]);
  }

  /**
   * Sets elements of a state array.
   *
   * @param begin the first of them, of all parameters
   * @throws IOException if they are not of one range that is owned
   */
  public void put(int slot, int begin, float[] values) throws IOException {
    int packed = 0;
    for (int range = 0; range < owned.ranges(); range++) {
      int end = owned.end(range);
      if (begin >= owned.begin(range) && (long) begin + values.length <= end) {
        System.arraycopy(
            values, 0, slots[slot], packed + begin - owned.begin(range), values.length);
        return;
      }
      packed += end - owned.begin(range);
    }
    throw new IOException(
        "State must be of parameters that this rank owns: got array %d, [%d, %d)."
            .formatted(slot, begin, (long) begin + values.length));
  }
}
