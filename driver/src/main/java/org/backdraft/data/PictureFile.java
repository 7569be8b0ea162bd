package org.backdraft.data;

import java.nio.charset.StandardCharsets;

/**
 * The record of a picture: a file as it is, behind its name, so that whoever decodes it can say
 * which file is broken. Two bytes say how long the name is, the name is UTF-8.
 */
final class PictureFile {
  private static final int LENGTH_BYTES = 2;
  private static final int MOST_NAME_BYTES = 1000;

  private PictureFile() {}

  /** The bytes before a file's own. */
  static byte[] heading(String path) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(name.length, MOST_NAME_BYTES);
    byte[] heading = new byte[LENGTH_BYTES + length];
    heading[0] = (byte) (length >>> 8);
    heading[1] = (byte) length;
    // Of a very long name the end says more.
    System.arraycopy(name, name.length - length, heading, LENGTH_BYTES, length);
    return heading;
  }

  /** Where the file's own bytes begin. */
  static int begin(RecordBlock block, int record) {
    int at = block.offsets()[record];
    return at + LENGTH_BYTES + nameLength(block, at);
  }

  /** The name. */
  static String name(RecordBlock block, int record) {
    int at = block.offsets()[record];
    return new String(
        block.bytes(), at + LENGTH_BYTES, nameLength(block, at), StandardCharsets.UTF_8);
  }

  private static int nameLength(RecordBlock block, int at) {
    return ((block.bytes()[at] & 0xff) << 8) | (block.bytes()[at + 1] & 0xff);
  }
}
