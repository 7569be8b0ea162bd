package org.backdraft.comm.transport.tcp;

import java.nio.ByteBuffer;
import org.backdraft.comm.CollectiveException;

/**
 * The first message of a connection: who calls, whom, for what. Proves nothing yet. 60 bytes,
 * little endian: magic "BDFH", version, purpose, lane (2 bytes), run, attempt, caller, callee,
 * nonce.
 *
 * @param purpose {@link #DATA} or {@link #CONTROL}
 * @param lane which of the connections between caller and callee, from 0
 * @param runId the caller's run
 * @param attempt the caller's attempt
 * @param caller rank of the end that dialed
 * @param callee rank of the end that listens, {@link #DRIVER} for the driver
 * @param nonce 32 random bytes of the caller
 */
record Hello(int purpose, int lane, long runId, int attempt, int caller, int callee, byte[] nonce) {
  static final int DATA = 1;
  static final int CONTROL = 2;
  static final int DRIVER = -1;
  static final int NONCE_BYTES = 32;
  static final int BYTES = 28 + NONCE_BYTES;

  private static final int MAGIC = 'B' | 'D' << 8 | 'F' << 16 | 'H' << 24;
  private static final int VERSION = 1;

  void write(ByteBuffer out) {
    out.putInt(MAGIC).put((byte) VERSION).put((byte) purpose).putShort((short) lane);
    out.putLong(runId).putInt(attempt).putInt(caller).putInt(callee).put(nonce);
  }

  static Hello read(ByteBuffer in) throws CollectiveException.WireFormat {
    int magic = in.getInt();
    int version = in.get();
    int purpose = in.get();
    int lane = Short.toUnsignedInt(in.getShort());
    if (magic != MAGIC || version != VERSION) {
      throw new CollectiveException.WireFormat(
          -1,
          "A connection must start with %08x, version %d: got %08x, version %d."
              .formatted(MAGIC, VERSION, magic, version));
    }
    long runId = in.getLong();
    int attempt = in.getInt();
    int caller = in.getInt();
    int callee = in.getInt();
    byte[] nonce = new byte[NONCE_BYTES];
    in.get(nonce);
    return new Hello(purpose, lane, runId, attempt, caller, callee, nonce);
  }
}
