package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.PostedRanges;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.WaitClock;

/**
 * Moves floats over one or more TCP connections to each peer. All that was posted progresses
 * together in {@link #await}, on the caller's thread: sends never wait for receives, so both ends
 * may send any amount at once.
 *
 * <p>The deadline counts from the last byte that moved on any connection, so a slow network is no
 * fault and a silent one is. It grows by a second for each MiB that was posted: a peer may be busy
 * with a third over a slow network, and says nothing meanwhile. After a failure all connections are
 * closed, which the peers see at once. Memory: two direct buffers of 256 KiB for each connection.
 *
 * <p>A range is cut into as many parts, one after the other, as there are <em>lanes</em>,
 * connections to the same peer, if each gets a frame at least; a shorter one goes by fewer. Both
 * ends cut alike.
 */
final class TcpTransport implements Transport {
  /** A network of 1 MiB/s is the slowest that counts as working. */
  private static final long NANOS_PER_BYTE = TimeUnit.SECONDS.toNanos(1) >> 20;

  /** A few round trips in a data center; waking a thread takes about as long. */
  private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final RankContext context;
  private final Selector selector;
  private final int lanes;
  private final Link[] links; // by rank and lane; null at this rank
  private final long deadlineNanos;
  private final WaitClock waits = new WaitClock();
  private final Consumer<SelectionKey> whenReady = this::ready;

  private long step;
  private long postedFloats;
  private long moved;
  private Link failedLink;
  private IOException failure;
  private boolean dead;
  private volatile boolean closed;

  private TcpTransport(
      RankContext context, Selector selector, Link[] links, int lanes, long deadlineNanos) {
    this.context = context;
    this.selector = selector;
    this.lanes = lanes;
    this.links = links;
    this.deadlineNanos = deadlineNanos;
  }

  /**
   * @param wires by rank and lane, authenticated and non-blocking, null at this rank; owned by the
   *     transport from here on
   * @param lanes connections to each rank
   */
  static TcpTransport open(
      RankContext context, Credentials credentials, Wire[] wires, int lanes, Duration deadline)
      throws IOException {
    Selector selector = Selector.open();
    try {
      Link[] links = new Link[wires.length];
      for (int i = 0; i < wires.length; i++) {
        if (wires[i] != null) {
          links[i] = new Link(i / lanes, wires[i], selector, context, credentials);
        }
      }
      return new TcpTransport(context, selector, links, lanes, deadline.toNanos());
    } catch (IOException e) {
      Sockets.close(selector);
      throw e;
    }
  }

  @Override
  public RankContext context() {
    return context;
  }

  @Override
  public void send(int peer, long step, float[] source, int begin, int end) {
    PostedRanges.check(peer, context.rank(), context.worldSize(), source, begin, end);
    this.step = step;
    postedFloats += end - begin;
    int parts = parts(end - begin);
    for (int part = 0; part < parts; part++) {
      int from = border(begin, end, part, parts);
      links[peer * lanes + part].send(step, source, from, border(begin, end, part + 1, parts));
    }
  }

  @Override
  public void receive(int peer, long step, float[] target, int begin, int end) {
    PostedRanges.check(peer, context.rank(), context.worldSize(), target, begin, end);
    this.step = step;
    postedFloats += end - begin;
    int parts = parts(end - begin);
    for (int part = 0; part < parts; part++) {
      int from = border(begin, end, part, parts);
      links[peer * lanes + part].receive(step, target, from, border(begin, end, part + 1, parts));
    }
  }

  private int parts(int length) {
    return Math.max(1, Math.min(lanes, length / Link.FRAME_FLOATS));
  }

  private static int border(int begin, int end, int part, int parts) {
    return begin + (int) ((long) (end - begin) * part / parts);
  }

  @Override
  public void await(String operation) throws CollectiveException {
    long startNanos = System.nanoTime();
    if (dead) {
      throw new CollectiveException.PeerLost(
          failedLink == null ? -1 : failedLink.peer(), where(operation, startNanos), failure);
    }
    try {
      complete(operation, startNanos);
    } catch (ClosedSelectorException | CancelledKeyException e) {
      // Another thread has closed the transport.
      Link link = firstPending();
      CollectiveException stopped =
          new CollectiveException.Interrupted(peerOf(link), where(operation, startNanos), e);
      die(link, stopped);
      throw stopped;
    } catch (CollectiveException e) {
      die(null, e);
      throw e;
    } catch (IOException e) {
      Link link = failedLink == null ? firstPending() : failedLink;
      die(link, e);
      if (Thread.currentThread().isInterrupted() || closed) {
        throw new CollectiveException.Interrupted(peerOf(link), where(operation, startNanos), e);
      }
      throw new CollectiveException.PeerLost(peerOf(link), where(operation, startNanos), e);
    }
  }

  private void complete(String operation, long startNanos) throws IOException {
    long movedNanos = startNanos;
    long limitNanos = deadlineNanos + postedFloats * Float.BYTES * NANOS_PER_BYTE;
    boolean spins = postedFloats <= Link.FRAME_FLOATS;
    postedFloats = 0;
    // Most of the time the sockets take what there is, and what is awaited has come.
    for (Link link : links) {
      if (link != null && link.isPending()) {
        link.listen();
        progress(link);
      }
    }
    while (true) {
      boolean pending = false;
      boolean silent = false;
      for (Link link : links) {
        if (link == null) {
          continue;
        }
        if (link.isPending()) {
          pending = true;
          silent |= link.isSilent();
          check(link);
        }
        link.updateInterest();
      }
      if (silent) {
        waits.start(startNanos);
      } else {
        waits.stop(System.nanoTime());
      }
      if (!pending) {
        return;
      }
      long remainingNanos = limitNanos - (System.nanoTime() - movedNanos);
      if (remainingNanos <= 0) {
        throw new CollectiveException.Timeout(peerOf(firstPending()), where(operation, startNanos));
      }
      moved = 0;
      if (spins) {
        spin();
      }
      if (moved == 0) {
        select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(remainingNanos)));
      }
      if (moved > 0) {
        movedNanos = System.nanoTime();
      }
    }
  }

  /**
   * Asks the sockets again and again for a while: the answer to a short message comes sooner than a
   * thread that sleeps is woken. Not for long ones, which would keep a processor busy that the
   * backward pass can use.
   */
  private void spin() throws IOException {
    long endNanos = System.nanoTime() + SPIN_NANOS;
    while (moved == 0 && System.nanoTime() - endNanos < 0) {
      boolean pending = false;
      for (Link link : links) {
        if (link != null && link.isPending()) {
          pending = true;
          progress(link);
          check(link);
        }
      }
      if (!pending) {
        return;
      }
      Thread.onSpinWait();
    }
  }

  private void check(Link link) throws IOException {
    try {
      link.checkNotEnded();
    } catch (IOException e) {
      failedLink = link;
      throw e;
    }
  }

  private void select(long timeoutMillis) throws IOException {
    selector.select(whenReady, timeoutMillis);
    if (failure != null) {
      throw failure;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new IOException("the thread was interrupted");
    }
  }

  private void ready(SelectionKey key) {
    if (failure != null || !key.isValid()) {
      return;
    }
    Link link = (Link) key.attachment();
    try {
      progress(link);
    } catch (IOException e) {
      failure = e; // a Consumer cannot throw it
    }
  }

  private void progress(Link link) throws IOException {
    try {
      moved += link.write();
      moved += link.read();
    } catch (IOException e) {
      failedLink = link;
      throw e;
    }
  }

  private void die(Link link, IOException cause) {
    dead = true;
    failedLink = link == null ? failedLink : link;
    failure = cause;
    closeAll();
  }

  private Link firstPending() {
    for (Link link : links) {
      if (link != null && link.isPending()) {
        return link;
      }
    }
    return null;
  }

  private static int peerOf(Link link) {
    return link == null ? -1 : link.peer();
  }

  private CollectiveException.Where where(String operation, long startNanos) {
    return new CollectiveException.Where(
        context, operation, step, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
  }

  @Override
  public long waitedNanos() {
    return waits.nanos(System.nanoTime());
  }

  @Override
  public void close() {
    closed = true;
    closeAll();
  }

  private void closeAll() {
    for (Link link : links) {
      if (link != null) {
        link.close();
      }
    }
    // Last: closing the selector is what releases the file descriptors of its channels.
    Sockets.close(selector);
  }
}
