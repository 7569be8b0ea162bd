package org.backdraft.comm.transport.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import org.backdraft.comm.transport.Credentials;

/**
 * One end of the proof of identity at the start of a connection, moved on as the non-blocking
 * socket allows:
 *
 * <pre>
 * caller → callee   {@link Hello}: run, attempt, ranks, nonce
 * caller ← callee   challenge: status, the callee's attempt, its nonce, its proof
 * caller → callee   the caller's proof
 * caller ← callee   verdict: status
 * </pre>
 *
 * <p>Every message has a fixed size, so an end never reads more than it expects.
 */
abstract sealed class Handshake permits CallerHandshake, CalleeHandshake {
  static final byte ACCEPTED = 0;
  static final byte REFUSED_ATTEMPT = 1;
  static final byte REFUSED_RANK = 2;

  static final int CHALLENGE_MAGIC = 'B' | 'D' << 8 | 'F' << 16 | 'C' << 24;
  static final int VERDICT_MAGIC = 'B' | 'D' << 8 | 'F' << 16 | 'V' << 24;
  static final int CHALLENGE_BYTES = 12 + Hello.NONCE_BYTES + Proof.BYTES;
  static final int VERDICT_BYTES = 8;

  final Wire wire;
  final Credentials credentials;
  final String address;
  final ByteBuffer buffer = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
  private boolean writing;

  Handshake(Wire wire, Credentials credentials, String address) {
    this.wire = wire;
    this.credentials = credentials;
    this.address = address;
  }

  /**
   * Goes on as far as possible without waiting.
   *
   * @return whether the handshake is complete
   * @throws org.backdraft.comm.CollectiveException if the other end is not one of ours
   * @throws IOException if the connection broke
   */
  final boolean advance() throws IOException {
    while (true) {
      if (writing) {
        wire.write(buffer);
      } else if (wire.read(buffer) < 0) {
        throw new EOFException("closed during the handshake");
      }
      if (buffer.hasRemaining() || (writing && !wire.isFlushed())) {
        return false;
      }
      buffer.flip();
      if (next()) {
        return true;
      }
    }
  }

  /** What the socket must be ready for next. */
  final int interest() {
    return wire.interest(writing ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
  }

  /** What proofs are bound to: the address that was dialed and this connection's encryption. */
  final String boundTo() throws IOException {
    return address + wire.binding();
  }

  /** Handles the message that is complete; starts the next, unless it was the last. */
  abstract boolean next() throws IOException;

  /** Starts to read a message of {@code bytes}. */
  final void expect(int bytes) {
    writing = false;
    buffer.clear().limit(bytes);
  }

  /** Starts a message; its fields follow, then {@link #sendNow}. */
  final ByteBuffer compose() {
    return buffer.clear();
  }

  final void sendNow() {
    writing = true;
    buffer.flip();
  }

  final byte[] take(int bytes) {
    byte[] taken = new byte[bytes];
    buffer.get(taken);
    return taken;
  }
}
