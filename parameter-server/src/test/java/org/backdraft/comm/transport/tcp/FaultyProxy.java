package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.backdraft.concurrent.NamedThreadFactory;

/**
 * A TCP proxy between caller and callee that damages what the caller sends: flips a byte, cuts or
 * resets the connection, stops passing bytes on, or passes on a few at a time with pauses between.
 * Counts from the caller's first byte; the handshake takes {@link #HANDSHAKE_BYTES}.
 */
final class FaultyProxy implements AutoCloseable {
  static final int HANDSHAKE_BYTES = Hello.BYTES + Proof.BYTES;

  private static final ThreadFactory THREADS = new NamedThreadFactory("test-proxy");

  private final ServerSocket listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new ArrayList<>();
  private final List<AtomicLong> pumped = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private long flipAt = -1;
  private long cutAt = -1;
  private long resetAt = -1;
  private long stallAt = -1;
  private int sliceBytes = 1 << 16;
  private long paceMillis;

  FaultyProxy() throws IOException {}

  FaultyProxy flipAt(long offset) {
    flipAt = offset;
    return this;
  }

  FaultyProxy cutAt(long offset) {
    cutAt = offset;
    return this;
  }

  FaultyProxy resetAt(long offset) {
    resetAt = offset;
    return this;
  }

  FaultyProxy stallAt(long offset) {
    stallAt = offset;
    return this;
  }

  FaultyProxy slices(int bytes) {
    sliceBytes = bytes;
    return this;
  }

  FaultyProxy paceMillis(long millis) {
    paceMillis = millis;
    return this;
  }

  int port() {
    return listener.getLocalPort();
  }

  void start(int targetPort) {
    THREADS.newThread(() -> accept(targetPort)).start();
  }

  private void accept(int targetPort) {
    while (!listener.isClosed()) {
      try {
        Socket caller = keep(listener.accept());
        Socket callee = keep(new Socket(InetAddress.getLoopbackAddress(), targetPort));
        caller.setTcpNoDelay(true);
        callee.setTcpNoDelay(true);
        AtomicLong bytes = new AtomicLong();
        pumped.add(bytes);
        THREADS.newThread(() -> pump(caller, callee, true, bytes)).start();
        THREADS.newThread(() -> pump(callee, caller, false, new AtomicLong())).start();
      } catch (IOException e) {
        // The listener was closed, or the callee is gone: the caller sees a closed connection.
      }
    }
  }

  private synchronized Socket keep(Socket socket) {
    sockets.add(socket);
    return socket;
  }

  /** What callers have sent by each connection. */
  List<Long> pumpedBytes() {
    return pumped.stream().map(AtomicLong::get).toList();
  }

  private void pump(Socket from, Socket to, boolean damage, AtomicLong passed) {
    byte[] bytes = new byte[1 << 16];
    long at = 0;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      while (true) {
        int read = in.read(bytes, 0, damage ? Math.min(sliceBytes, bytes.length) : bytes.length);
        if (read < 0) {
          return;
        }
        if (damage && flipAt >= at && flipAt < at + read) {
          bytes[(int) (flipAt - at)] ^= 0x10;
        }
        if (damage && cutAt >= 0 && cutAt < at + read) {
          out.write(bytes, 0, (int) Math.max(0, cutAt - at));
          return;
        }
        if (damage && resetAt >= 0 && resetAt < at + read) {
          out.write(bytes, 0, (int) Math.max(0, resetAt - at));
          from.setSoLinger(true, 0); // closing sends RST
          to.setSoLinger(true, 0);
          return;
        }
        if (damage && stallAt >= 0 && stallAt < at + read) {
          out.write(bytes, 0, (int) Math.max(0, stallAt - at));
          closed.await();
          return;
        }
        if (damage && paceMillis > 0 && closed.await(paceMillis, TimeUnit.MILLISECONDS)) {
          return;
        }
        passed.addAndGet(read);
        out.write(bytes, 0, read);
        at += read;
      }
    } catch (IOException | InterruptedException e) {
      // One end closed: the other is closed with it.
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed.countDown();
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
