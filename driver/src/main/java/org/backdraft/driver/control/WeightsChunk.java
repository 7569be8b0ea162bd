package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * A piece of the parameters and buffers, which travel as one array, the parameters first.
 *
 * @param begin where it starts in that array
 * @param values the piece
 */
public record WeightsChunk(int begin, float[] values) {
  /** Floats in a chunk at most: 4 MiB, well below the cap of a message. */
  public static final int MAX_FLOATS = 1 << 20;

  /** Copies {@code [begin, begin + length)} of the two arrays, seen as one. */
  static Message message(
      MessageKind kind, float[] parameters, float[] buffers, int begin, int length) {
    PayloadWriter out = new PayloadWriter(8 + length * Float.BYTES).putInt(begin).putInt(length);
    int fromParameters = Math.max(0, Math.min(length, parameters.length - begin));
    if (fromParameters > 0) {
      out.putFloats(parameters, begin, fromParameters);
    }
    if (fromParameters < length) {
      int bufferBegin = begin + fromParameters - parameters.length;
      out.putFloats(buffers, bufferBegin, length - fromParameters);
    }
    return out.message(kind, 0);
  }

  static WeightsChunk of(MessageKind kind, Message message) throws IOException {
    PayloadReader in = new PayloadReader(kind, message);
    int begin = in.readInt("begin", 0, Integer.MAX_VALUE);
    int length = in.readCount(Float.BYTES);
    float[] values = new float[length];
    in.readFloats(values, 0, length);
    in.end();
    return new WeightsChunk(begin, values);
  }

  /**
   * Copies this piece into the two arrays.
   *
   * @throws IOException if it does not lie in them
   */
  public void copyTo(float[] parameters, float[] buffers) throws IOException {
    long total = (long) parameters.length + buffers.length;
    if ((long) begin + values.length > total) {
      throw new IOException(
          "Weights must lie in [0, %d): got [%d, %d)."
              .formatted(total, begin, (long) begin + values.length));
    }
    int toParameters = Math.max(0, Math.min(values.length, parameters.length - begin));
    System.arraycopy(values, 0, parameters, Math.min(begin, parameters.length), toParameters);
    int bufferBegin = Math.max(0, begin - parameters.length);
    System.arraycopy(values, toParameters, buffers, bufferBegin, values.length - toParameters);
  }
}
