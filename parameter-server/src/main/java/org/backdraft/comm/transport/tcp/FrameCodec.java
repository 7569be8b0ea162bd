package org.backdraft.comm.transport.tcp;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Credentials;

/**
 * Writes and checks the headers of frames. A frame is a header of 40 bytes and a payload, little
 * endian throughout:
 *
 * <pre>
 * offset  bytes
 *      0      4  magic "BDFT"
 *      4      1  version, 1
 *      5      1  kind: 1 floats between ranks, 2 message to or from the driver
 *      6      1  type of the message, 0 for floats
 *      7      1  0
 *      8      8  run
 *     16      4  attempt
 *     20      8  step
 *     28      4  length of the payload in bytes, at most the cap of the connection
 *     32      4  CRC32C of the payload
 *     36      4  CRC32C of the 36 bytes before
 * </pre>
 *
 * <p>The last header read is kept in this object, so that reading allocates nothing. Not safe for
 * several threads.
 */
final class FrameCodec {
  static final int HEADER_BYTES = 40;
  static final int KIND_FLOATS = 1;
  static final int KIND_MESSAGE = 2;

  private static final int MAGIC = 'B' | 'D' << 8 | 'F' << 16 | 'T' << 24;
  private static final int VERSION = 1;
  private static final int CHECKED_BYTES = 36;

  private final long runId;
  private final int attempt;
  private final int kind;
  private final int maxPayloadBytes;
  private final String remote;
  private final int peer;
  private final CRC32C crc = new CRC32C();

  private int type;
  private long step;
  private int length;
  private int payloadCrc;

  /**
   * @param kind the only one that this connection carries
   * @param maxPayloadBytes the longest payload that is read or written
   * @param peer rank at the other end, −1 for the driver
   * @param remote name of the other end, for messages
   */
  FrameCodec(Credentials credentials, int kind, int maxPayloadBytes, int peer, String remote) {
    this.runId = credentials.runId();
    this.attempt = credentials.attempt();
    this.kind = kind;
    this.maxPayloadBytes = maxPayloadBytes;
    this.peer = peer;
    this.remote = remote;
  }

  /**
   * Writes a header at {@code at} of a little-endian buffer; its position and limit are lost.
   *
   * @param payloadCrc of the payload, from {@link #checksum}
   */
  void write(ByteBuffer out, int at, int type, long step, int length, int payloadCrc) {
    out.putInt(at, MAGIC);
    out.put(at + 4, (byte) VERSION);
    out.put(at + 5, (byte) kind);
    out.put(at + 6, (byte) type);
    out.put(at + 7, (byte) 0);
    out.putLong(at + 8, runId);
    out.putInt(at + 16, attempt);
    out.putLong(at + 20, step);
    out.putInt(at + 28, length);
    out.putInt(at + 32, payloadCrc);
    int headerCrc = checksum(out, at, CHECKED_BYTES);
    out.clear().putInt(at + 36, headerCrc);
  }

  /** The CRC32C of {@code length} bytes from {@code at}; position and limit are lost. */
  int checksum(ByteBuffer bytes, int at, int length) {
    bytes.limit(at + length).position(at);
    crc.reset();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** The CRC32C of an array. */
  int checksum(byte[] bytes) {
    crc.reset();
    crc.update(bytes, 0, bytes.length);
    return (int) crc.getValue();
  }

  /**
   * Reads and checks the header at {@code at}; position and limit are lost.
   *
   * @throws CollectiveException.WireFormat if it is no header of ours or longer than the cap
   * @throws CollectiveException.StaleAttempt if it belongs to another run or attempt
   */
  void read(ByteBuffer in, int at) throws CollectiveException {
    require(in.getInt(at) == MAGIC, "magic", MAGIC, in.getInt(at));
    require(in.get(at + 4) == VERSION, "version", VERSION, in.get(at + 4));
    int sum = checksum(in, at, CHECKED_BYTES);
    in.clear();
    require(sum == in.getInt(at + 36), "header CRC32C", sum, in.getInt(at + 36));
    require(in.get(at + 5) == kind, "kind", kind, in.get(at + 5));
    require(in.get(at + 7) == 0, "reserved byte", 0, in.get(at + 7));
    if (in.getLong(at + 8) != runId || in.getInt(at + 16) != attempt) {
      throw new CollectiveException.StaleAttempt(
          peer,
          String.format(
              Locale.ROOT,
              "A frame must belong to run %016x, attempt %d: got run %016x, attempt %d from %s.",
              runId,
              attempt,
              in.getLong(at + 8),
              in.getInt(at + 16),
              remote));
    }
    type = in.get(at + 6) & 0xff;
    step = in.getLong(at + 20);
    length = in.getInt(at + 28);
    if (length < 0 || length > maxPayloadBytes) {
      throw new CollectiveException.WireFormat(
          peer,
          String.format(
              Locale.ROOT,
              "A frame's length must lie in [0, %d] bytes: got %d from %s.",
              maxPayloadBytes,
              length,
              remote));
    }
    payloadCrc = in.getInt(at + 32);
  }

  /** Throws unless the payload of the last header has this checksum. */
  void checkPayload(int checksum) throws CollectiveException {
    require(checksum == payloadCrc, "payload CRC32C", checksum, payloadCrc);
  }

  int type() {
    return type;
  }

  long step() {
    return step;
  }

  /** Bytes of the payload that follows the last header. */
  int length() {
    return length;
  }

  private void require(boolean holds, String field, int expected, int found)
      throws CollectiveException {
    if (!holds) {
      throw new CollectiveException.WireFormat(
          peer,
          String.format(
              Locale.ROOT,
              "A frame's %s must be %08x: got %08x from %s.",
              field,
              expected,
              found,
              remote));
    }
  }
}
