package org.backdraft.data;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Writes small IDX files for tests, right ones and wrong ones. */
public final class IdxFiles {
  private IdxFiles() {}

  /** A file's bytes: magic, dims, then {@code body}. */
  public static byte[] idx(int magic, int[] dims, byte[] body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(magic);
      for (int dim : dims) {
        out.writeInt(dim);
      }
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Images of random bytes: N×H×W or N×C×H×W. */
  public static byte[] images(long seed, int... dims) {
    int size = 1;
    for (int dim : dims) {
      size *= dim;
    }
    byte[] body = new byte[size];
    new Random(seed).nextBytes(body);
    return idx(0x800 | dims.length, dims, body);
  }

  /** Labels {@code i mod classes}. */
  public static byte[] labels(int count, int classes) {
    byte[] body = new byte[count];
    for (int i = 0; i < count; i++) {
      body[i] = (byte) (i % classes);
    }
    return idx(0x801, new int[] {count}, body);
  }

  public static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  /** Writes a file, compressed if its name says so. */
  public static void write(Path folder, String name, byte[] bytes) {
    try {
      Files.write(folder.resolve(name), name.endsWith(".gz") ? gzip(bytes) : bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
