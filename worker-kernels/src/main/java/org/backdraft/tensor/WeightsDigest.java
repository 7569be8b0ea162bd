package org.backdraft.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The name of a state of a network: SHA-256 over all its parameters and buffers, sorted by name,
 * each in logical order as little-endian float32. Memory layout and padding never enter.
 */
public final class WeightsDigest {
  private static final int BLOCK_FLOATS = 4096;

  private record Source(float[] values, ParameterTable.Entry entry) {}

  private WeightsDigest() {}

  /**
   * The digest as 64 hexadecimal digits.
   *
   * @param parameters flat, in the order of their table
   * @param buffers likewise
   * @throws IllegalArgumentException if a buffer has a parameter's name
   */
  public static String sha256(
      ParameterTable parameterTable,
      float[] parameters,
      ParameterTable bufferTable,
      float[] buffers) {
    Map<String, Source> sources = new TreeMap<>();
    put(sources, parameterTable, parameters);
    put(sources, bufferTable, buffers);
    MessageDigest digest = sha256();
    ByteBuffer block =
        ByteBuffer.allocate(BLOCK_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Source source : sources.values()) {
      for (int i = source.entry().begin(); i < source.entry().end(); i++) {
        if (!block.hasRemaining()) {
          flush(block, digest);
        }
        block.putFloat(source.values()[i]);
      }
    }
    flush(block, digest);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void put(Map<String, Source> sources, ParameterTable table, float[] values) {
    for (ParameterTable.Entry entry : table.entries()) {
      Source previous = sources.put(entry.name(), new Source(values, entry));
      Checks.argument(
          previous == null, "A buffer must not have a parameter's name: '%s'.", entry.name());
    }
  }

  private static void flush(ByteBuffer block, MessageDigest digest) {
    block.flip();
    digest.update(block);
    block.clear();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256.", e);
    }
  }
}
