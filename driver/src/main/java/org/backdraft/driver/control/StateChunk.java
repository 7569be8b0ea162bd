package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * A piece of what training goes on from.
 *
 * @param slot the number of the array that it is of, or {@link #MODEL}
 * @param begin where it starts in that array: of all parameters, or of the parameters with the
 *     buffers behind them
 * @param values the piece
 */
public record StateChunk(int slot, int begin, float[] values) {
  /** The parameters with the buffers behind them. */
  public static final int MODEL = -1;

  /** Floats in a piece at most: 4 MiB, well below the cap of a message. */
  public static final int MOST_FLOATS = 1 << 20;

  /** Two arrays for each change that a search remembers, or some for each rank. */
  private static final int MOST_SLOTS = 1 << 16;

  /** {@code length} elements of {@code values} from {@code from}. */
  static Message message(
      MessageKind kind, long step, int slot, int begin, float[] values, int from, int length) {
    return new PayloadWriter(12 + length * Float.BYTES)
        .putInt(slot)
        .putInt(begin)
        .putInt(length)
        .putFloats(values, from, length)
        .message(kind, step);
  }

  static StateChunk of(MessageKind kind, Message message) throws IOException {
    PayloadReader in = new PayloadReader(kind, message);
    int slot = in.readInt("slot", MODEL, MOST_SLOTS);
    int begin = in.readInt("begin", 0, Integer.MAX_VALUE);
    float[] values = new float[in.readCount(Float.BYTES)];
    in.readFloats(values, 0, values.length);
    in.end();
    return new StateChunk(slot, begin, values);
  }

  /**
   * Copies this piece to its place.
   *
   * @throws IOException if it does not lie in {@code array}
   */
  public void copyTo(float[] array) throws IOException {
    if ((long) begin + values.length > array.length) {
      throw new IOException(
          "A piece of array %d must lie in [0, %d): got [%d, %d)."
              .formatted(slot, array.length, begin, (long) begin + values.length));
    }
    System.arraycopy(values, 0, array, begin, values.length);
  }

  /**
   * Copies this piece of a model to its place.
   *
   * @throws IOException if it does not lie in the two arrays, the parameters first
   */
  public void copyTo(float[] parameters, float[] buffers) throws IOException {
    new WeightsChunk(begin, values).copyTo(parameters, buffers);
  }

  @Override
  public String toString() {
    return "array %d, [%d, %d)".formatted(slot, begin, begin + values.length);
  }
}
