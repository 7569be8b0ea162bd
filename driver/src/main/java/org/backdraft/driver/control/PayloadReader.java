package org.backdraft.driver.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.backdraft.comm.transport.Message;

/** Reads a payload field by field; every length is checked before memory is taken. */
final class PayloadReader {
  private final String name;
  private final ByteBuffer bytes;

  PayloadReader(MessageKind kind, Message message) {
    name = kind.name();
    bytes = ByteBuffer.wrap(message.payload());
  }

  int readInt() throws IOException {
    need(Integer.BYTES);
    return bytes.getInt();
  }

  /** An int in {@code [low, high]}. */
  int readInt(String field, int low, int high) throws IOException {
    int value = readInt();
    if (value < low || value > high) {
      throw new IOException(
          "Field '%s' of a %s message must lie in [%d, %d]: got %d."
              .formatted(field, name, low, high, value));
    }
    return value;
  }

  long readLong() throws IOException {
    need(Long.BYTES);
    return bytes.getLong();
  }

  double readDouble() throws IOException {
    need(Double.BYTES);
    return bytes.getDouble();
  }

  boolean readBoolean() throws IOException {
    need(1);
    return bytes.get() != 0;
  }

  String readText() throws IOException {
    int length = readInt("text length", 0, bytes.remaining());
    need(length);
    byte[] text = new byte[length];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** The number of entries of a list whose entries take {@code entryBytes} or more each. */
  int readCount(int entryBytes) throws IOException {
    int count = readInt();
    if (count < 0 || (long) count * entryBytes > bytes.remaining()) {
      throw new IOException(
          "A %s message of %d more bytes cannot hold %d entries."
              .formatted(name, bytes.remaining(), count));
    }
    return count;
  }

  void readFloats(float[] target, int begin, int length) throws IOException {
    need((long) length * Float.BYTES);
    bytes.asFloatBuffer().get(target, begin, length);
    bytes.position(bytes.position() + length * Float.BYTES);
  }

  /** An array with its length before it; so are the next two. */
  float[] readFloats() throws IOException {
    float[] values = new float[readCount(Float.BYTES)];
    readFloats(values, 0, values.length);
    return values;
  }

  long[] readLongs() throws IOException {
    long[] values = new long[readCount(Long.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = readLong();
    }
    return values;
  }

  int[] readInts() throws IOException {
    int[] values = new int[readCount(Integer.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = readInt();
    }
    return values;
  }

  /** Checks that nothing is left. */
  void end() throws IOException {
    if (bytes.hasRemaining()) {
      throw new IOException(
          "A %s message has %d bytes too many.".formatted(name, bytes.remaining()));
    }
  }

  private void need(long length) throws IOException {
    if (bytes.remaining() < length) {
      throw new IOException(
          "A %s message ends early: %d more bytes expected, %d left."
              .formatted(name, length, bytes.remaining()));
    }
  }
}
