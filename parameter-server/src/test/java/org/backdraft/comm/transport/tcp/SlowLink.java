package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.backdraft.concurrent.NamedThreadFactory;

/**
 * A TCP proxy in front of a port that stands for a long and narrow link: each way every byte comes
 * later by the latency, and no more of them a second than the link carries. What is under way is
 * bounded, so that whoever sends too much is held up.
 */
final class SlowLink implements AutoCloseable {
  private static final ThreadFactory THREADS = new NamedThreadFactory("test-link");
  private static final int PARCEL_BYTES = 4096;
  private static final int UNDER_WAY = 32;
  private static final Parcel END = new Parcel(0, new byte[0]);

  private final ServerSocket listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final long latencyNanos;
  private final long bytesPerSecond;

  /** Bytes that are to arrive at a time of {@link System#nanoTime}. */
  private record Parcel(long dueNanos, byte[] bytes) {}

  SlowLink(int targetPort, Duration latency, long bytesPerSecond) throws IOException {
    latencyNanos = latency.toNanos();
    this.bytesPerSecond = bytesPerSecond;
    THREADS.newThread(() -> accept(targetPort)).start();
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept(int targetPort) {
    while (!listener.isClosed()) {
      try {
        Socket caller = keep(listener.accept());
        Socket callee = keep(new Socket(InetAddress.getLoopbackAddress(), targetPort));
        connect(caller, callee);
        connect(callee, caller);
      } catch (IOException e) {
        // The listener was closed, or the callee is gone: the caller sees a closed connection.
      }
    }
  }

  private synchronized Socket keep(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    sockets.add(socket);
    return socket;
  }

  private void connect(Socket from, Socket to) {
    BlockingQueue<Parcel> underWay = new ArrayBlockingQueue<>(UNDER_WAY);
    THREADS.newThread(() -> take(from, underWay)).start();
    THREADS.newThread(() -> deliver(underWay, to)).start();
  }

  private void take(Socket from, BlockingQueue<Parcel> underWay) {
    byte[] bytes = new byte[PARCEL_BYTES];
    long freeNanos = System.nanoTime(); // when the link takes the next byte
    try {
      InputStream in = from.getInputStream();
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        freeNanos =
            Math.max(freeNanos, System.nanoTime())
                + TimeUnit.SECONDS.toNanos(read) / bytesPerSecond;
        underWay.put(new Parcel(freeNanos + latencyNanos, Arrays.copyOf(bytes, read)));
      }
    } catch (IOException e) {
      // One end closed: the other is closed when what is under way has come.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end(underWay);
  }

  private void end(BlockingQueue<Parcel> underWay) {
    try {
      while (!underWay.offer(END, 1, TimeUnit.SECONDS) && closed.getCount() > 0) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(BlockingQueue<Parcel> underWay, Socket to) {
    try (to) {
      OutputStream out = to.getOutputStream();
      for (Parcel next = underWay.take(); next.bytes().length > 0; next = underWay.take()) {
        if (closed.await(next.dueNanos() - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          return;
        }
        out.write(next.bytes());
      }
    } catch (IOException e) {
      // The end that was to take them is gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
