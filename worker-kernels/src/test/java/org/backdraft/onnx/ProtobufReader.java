package org.backdraft.onnx;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads the fields of one protocol buffers message, one after the other: varints, four and eight
 * bytes, and ranges of bytes (which may be messages again). Groups are not known.
 */
final class ProtobufReader {
  static final int VARINT = 0;
  static final int EIGHT_BYTES = 1;
  static final int BYTES = 2;
  static final int FOUR_BYTES = 5;

  private final byte[] bytes;
  private int at;
  private final int end;
  private int field;
  private int wireType;

  ProtobufReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private ProtobufReader(byte[] bytes, int begin, int end) {
    this.bytes = bytes;
    this.at = begin;
    this.end = end;
  }

  /** Goes to the next field, whose value must then be read or skipped; false at the end. */
  boolean next() {
    if (at == end) {
      return false;
    }
    long key = varint();
    field = (int) (key >>> 3);
    wireType = (int) (key & 7);
    return true;
  }

  int field() {
    return field;
  }

  int wireType() {
    return wireType;
  }

  boolean atEnd() {
    return at == end;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("A varint must have at most ten bytes: at " + at);
  }

  float fourBytesAsFloat() {
    return Float.intBitsToFloat((int) littleEndian(4));
  }

  /** The next {@code count} bytes as one number. */
  long littleEndian(int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes[at + i] & 0xffL) << (8 * i);
    }
    at += count;
    return value;
  }

  /** A range of bytes, as a message or a packed list. */
  ProtobufReader message() {
    int length = Math.toIntExact(varint());
    if (length > end - at) {
      throw new IllegalArgumentException(
          "A field must end within its message: has " + length + " bytes at " + at + " of " + end);
    }
    ProtobufReader message = new ProtobufReader(bytes, at, at + length);
    at += length;
    return message;
  }

  String text() {
    ProtobufReader range = message();
    return new String(bytes, range.at, range.end - range.at, StandardCharsets.UTF_8);
  }

  void skip() {
    switch (wireType) {
      case VARINT -> varint();
      case EIGHT_BYTES -> at += 8;
      case BYTES -> message();
      case FOUR_BYTES -> at += 4;
      default -> throw new IllegalArgumentException("Unknown wire type " + wireType);
    }
  }

  /** Appends one number, or a packed list of numbers. */
  void integers(List<Long> to) {
    if (wireType == VARINT) {
      to.add(varint());
      return;
    }
    ProtobufReader packed = message();
    while (!packed.atEnd()) {
      to.add(packed.varint());
    }
  }
}
