package org.backdraft.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** Length, CRC32C and, if asked for, SHA-256 of the bytes that pass by. Not thread-safe. */
final class Checksums {
  private static final int BUFFER_BYTES = 1 << 16;

  private final CRC32C crc = new CRC32C();
  private final MessageDigest sha;
  private long bytes;

  /**
   * @param withSha CRC32C runs at memory's pace, SHA-256 far below
   */
  Checksums(boolean withSha) {
    sha = withSha ? newSha() : null;
  }

  private static MessageDigest newSha() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every JDK has SHA-256", e);
    }
  }

  /** SHA-256 of an array, in hexadecimal digits. */
  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(newSha().digest(bytes));
  }

  private void update(byte[] from, int offset, int length) {
    crc.update(from, offset, length);
    if (sha != null) {
      sha.update(from, offset, length);
    }
    bytes += length;
  }

  long bytes() {
    return bytes;
  }

  /** Eight hexadecimal digits. */
  String crc32c() {
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /** 64 hexadecimal digits; ends the sum. */
  String sha256() {
    return HexFormat.of().formatHex(sha.digest());
  }

  /** Passes on what is written. Closing it does not close what is below. */
  OutputStream over(OutputStream out) {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        out.write(from, offset, length);
        update(from, offset, length);
      }
    };
  }

  /** Passes on what is read; skipping reads. Closing it does not close what is below. */
  InputStream over(InputStream in) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] to, int offset, int length) throws IOException {
        int count = in.read(to, offset, length);
        if (count > 0) {
          update(to, offset, count);
        }
        return count;
      }

      @Override
      public long skip(long count) throws IOException {
        byte[] passed = new byte[(int) Math.min(BUFFER_BYTES, Math.max(0, count))];
        return Math.max(0, read(passed, 0, passed.length));
      }
    };
  }

  /** Reads the rest of a stream made by {@link #over(InputStream)}, but not past {@code most}. */
  void drain(InputStream in, long most) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    int count = 0;
    while (count >= 0 && bytes <= most) {
      count = in.read(buffer, 0, buffer.length);
    }
  }
}
