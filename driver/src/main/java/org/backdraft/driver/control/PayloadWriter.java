package org.backdraft.driver.control;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.backdraft.comm.transport.Message;

/** Writes a payload field by field, big-endian; {@link PayloadReader} reads it. */
final class PayloadWriter {
  private ByteBuffer bytes;

  PayloadWriter(int expectedBytes) {
    bytes = ByteBuffer.allocate(Math.max(64, expectedBytes));
  }

  PayloadWriter putInt(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  PayloadWriter putLong(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  PayloadWriter putDouble(double value) {
    room(Double.BYTES).putDouble(value);
    return this;
  }

  PayloadWriter putBoolean(boolean value) {
    room(1).put((byte) (value ? 1 : 0));
    return this;
  }

  PayloadWriter putText(String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    putInt(text.length);
    room(text.length).put(text);
    return this;
  }

  PayloadWriter putFloats(float[] values, int begin, int length) {
    room(length * Float.BYTES).asFloatBuffer().put(values, begin, length);
    bytes.position(bytes.position() + length * Float.BYTES);
    return this;
  }

  /** An array with its length before it; so are the next two. */
  PayloadWriter putFloats(float[] values) {
    return putInt(values.length).putFloats(values, 0, values.length);
  }

  PayloadWriter putLongs(long[] values) {
    putInt(values.length);
    for (long value : values) {
      putLong(value);
    }
    return this;
  }

  PayloadWriter putInts(int[] values) {
    putInt(values.length);
    for (int value : values) {
      putInt(value);
    }
    return this;
  }

  Message message(MessageKind kind, long step) {
    return new Message(kind.code(), step, Arrays.copyOf(bytes.array(), bytes.position()));
  }

  private ByteBuffer room(int length) {
    if (bytes.remaining() < length) {
      int capacity = Math.max(2 * bytes.capacity(), bytes.position() + length);
      ByteBuffer larger = ByteBuffer.allocate(capacity);
      bytes = larger.put(bytes.flip());
    }
    return bytes;
  }
}
