package org.backdraft.comm.transport.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.HexFormat;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * TLS over a non-blocking socket, by an {@link SSLEngine}. The first read or write starts the TLS
 * handshake; until it is done neither moves a byte of the user's.
 *
 * <p>Records of 16 KiB are encrypted into, and decrypted out of, buffers of one record, or of
 * sixteen after {@link #expectBulk}. One thread may read while another writes.
 */
final class TlsWire implements Wire {
  private static final int BULK_RECORDS = 16;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel channel;
  private final SSLEngine engine;
  // All that follows is guarded by this.
  private ByteBuffer encryptedIn; // filled up to its position
  private ByteBuffer encryptedOut; // to be sent: from its position to its limit
  private ByteBuffer plain; // decrypted and not yet read: from its position to its limit
  private boolean open; // whether the TLS handshake is done

  TlsWire(SocketChannel channel, SSLEngine engine) throws SSLException {
    this.channel = channel;
    this.engine = engine;
    int record = engine.getSession().getPacketBufferSize();
    encryptedIn = ByteBuffer.allocateDirect(record);
    encryptedOut = ByteBuffer.allocateDirect(record).limit(0);
    plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
    engine.beginHandshake();
  }

  @Override
  public synchronized void expectBulk() {
    int bytes = BULK_RECORDS * engine.getSession().getPacketBufferSize();
    encryptedIn = ByteBuffer.allocateDirect(bytes).put(encryptedIn.flip());
    encryptedOut = ByteBuffer.allocateDirect(bytes).put(encryptedOut).flip();
  }

  @Override
  public synchronized int read(ByteBuffer target) throws IOException {
    if (!open && !shakeHands()) {
      return 0;
    }
    flush();
    int before = target.position();
    while (target.hasRemaining()) {
      if (plain.hasRemaining()) {
        int count = Math.min(plain.remaining(), target.remaining());
        target.put(target.position(), plain, plain.position(), count);
        target.position(target.position() + count);
        plain.position(plain.position() + count);
        continue;
      }
      // A record goes straight to the target where there is certainly room for it.
      boolean direct = target.remaining() >= plain.capacity();
      SSLEngineResult result = decrypt(direct ? target : plain.clear());
      if (!direct) {
        plain.flip();
      }
      if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
        return target.position() > before ? target.position() - before : -1;
      }
      if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
        int read = channel.read(encryptedIn);
        if (read <= 0) {
          return target.position() > before ? target.position() - before : read;
        }
      } else {
        answer(result.getHandshakeStatus());
      }
    }
    return target.position() - before;
  }

  private SSLEngineResult decrypt(ByteBuffer target) throws IOException {
    encryptedIn.flip();
    try {
      SSLEngineResult result = engine.unwrap(encryptedIn, target);
      if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
        throw new SSLException("a record must have at most " + plain.capacity() + " bytes");
      }
      return result;
    } finally {
      encryptedIn.compact();
    }
  }

  /** What TLS itself wants to do after a record that was none of the user's: a new key, say. */
  private void answer(SSLEngineResult.HandshakeStatus status) throws IOException {
    if (status == SSLEngineResult.HandshakeStatus.NEED_TASK) {
      runTasks();
    } else if (status == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
      encrypt(NOTHING);
      flush();
    }
  }

  @Override
  public synchronized int write(ByteBuffer source) throws IOException {
    if (!open && !shakeHands()) {
      return 0;
    }
    int before = source.position();
    while (flush() && source.hasRemaining()) {
      while (source.hasRemaining() && encrypt(source)) {
        // Records follow each other in the buffer, so that one call sends them all.
      }
    }
    return source.position() - before;
  }

  /** Encrypts a record behind what waits to be sent; whether there was room for it. */
  private boolean encrypt(ByteBuffer source) throws IOException {
    int begin = encryptedOut.position();
    int end = encryptedOut.limit();
    encryptedOut.limit(encryptedOut.capacity()).position(end);
    try {
      SSLEngineResult result = engine.wrap(source, encryptedOut);
      if (result.getStatus() == SSLEngineResult.Status.CLOSED && result.bytesProduced() == 0) {
        throw new EOFException("closed by TLS");
      }
      return result.getStatus() == SSLEngineResult.Status.OK;
    } finally {
      encryptedOut.limit(encryptedOut.position()).position(begin);
    }
  }

  /** Hands what waits to the network; whether all of it went. */
  private boolean flush() throws IOException {
    if (encryptedOut.hasRemaining()) {
      channel.write(encryptedOut);
    }
    if (encryptedOut.hasRemaining()) {
      return false;
    }
    encryptedOut.clear().limit(0);
    return true;
  }

  /** Goes on with the TLS handshake; whether it is done. */
  private boolean shakeHands() throws IOException {
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> {
          if (!flush()) {
            return false;
          }
          sendHandshake();
        }
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          if (!flush() || !takeHandshake()) {
            return false;
          }
        }
        case NOT_HANDSHAKING, FINISHED -> {
          open = flush();
          return open;
        }
      }
    }
  }

  private void sendHandshake() throws IOException {
    try {
      encrypt(NOTHING);
    } catch (SSLException e) {
      tellWhy();
      throw e;
    }
  }

  private boolean takeHandshake() throws IOException {
    SSLEngineResult result;
    try {
      result = decrypt(plain.clear());
    } catch (SSLException e) {
      tellWhy();
      throw e;
    } finally {
      plain.flip();
    }
    if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
      throw new EOFException("closed during the TLS handshake");
    }
    if (result.getStatus() != SSLEngineResult.Status.BUFFER_UNDERFLOW) {
      return true;
    }
    int read = channel.read(encryptedIn);
    if (read < 0) {
      throw new EOFException("closed during the TLS handshake");
    }
    return read > 0;
  }

  /** Sends the alert that the engine has made of a failure, as far as that is possible. */
  private void tellWhy() {
    try {
      encrypt(NOTHING);
      flush();
    } catch (IOException e) {
      // The failure itself is what counts, and is thrown.
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  @Override
  public synchronized boolean isFlushed() {
    return !encryptedOut.hasRemaining();
  }

  @Override
  public synchronized int interest(int wanted) {
    if (encryptedOut.hasRemaining()) {
      return wanted | SelectionKey.OP_WRITE;
    }
    if (open) {
      return wanted;
    }
    return engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP
        ? SelectionKey.OP_WRITE
        : SelectionKey.OP_READ;
  }

  /**
   * The SHA-256 of the callee's certificate ("tls-server-end-point", RFC 5929 §4): proofs that
   * include it cannot be passed on by somebody in between who has another one.
   */
  @Override
  public synchronized String binding() throws IOException {
    try {
      Certificate[] chain =
          engine.getUseClientMode()
              ? engine.getSession().getPeerCertificates()
              : engine.getSession().getLocalCertificates();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
      return "/" + HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new IOException("the callee's certificate cannot be read", e);
    }
  }

  @Override
  public SocketChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    // Without a closing alert: frames say themselves where they end.
    Sockets.close(channel);
  }
}
