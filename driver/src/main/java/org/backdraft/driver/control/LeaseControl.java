package org.backdraft.driver.control;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.tcp.ControlServer;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.concurrent.NamedThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's end of the control channels of workers that come and go: a rank may be started again
 * under a higher number, which shuts out the starts before it. Turns what they say into one queue
 * of {@link LeaseEvent}s.
 *
 * <p><b>Threads</b>: one reads each channel; {@link #next} is for one thread of the driver, the
 * rest for any.
 */
public final class LeaseControl implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseControl.class);

  private final GangAddress address;
  private final ControlServer server;
  private final BlockingQueue<LeaseEvent> events = new LinkedBlockingQueue<>();
  private final WorkerLine[] lines; // the newest start of each rank; guarded by itself
  private final NamedThreadFactory threads = new NamedThreadFactory("control");
  private volatile boolean closed;

  /**
   * Opens the server of one attempt.
   *
   * @param bindHost a local address to listen at
   * @param draft the address, whose port is not known yet
   */
  public static LeaseControl open(String bindHost, GangAddress draft) throws IOException {
    return new LeaseControl(bindHost, draft);
  }

  private LeaseControl(String bindHost, GangAddress draft) throws IOException {
    lines = new WorkerLine[draft.worldSize()];
    server =
        ControlServer.open(
            bindHost,
            draft.host(),
            draft.credentials(),
            TransportSecurity.of(draft.tls()),
            draft.worldSize(),
            GangControl.MAX_MESSAGE_BYTES,
            new Door());
    address = draft.withPort(server.port());
  }

  /** Where workers find this. */
  public GangAddress address() {
    return address;
  }

  /** The next event, null if none came within {@code timeout}. */
  public LeaseEvent next(Duration timeout) throws InterruptedException {
    return events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Tells a start where the shards are. */
  public void sendShards(int rank, int start, ShardTable table) {
    send(rank, start, table.toMessage());
  }

  /** Gives a start work. */
  public void sendLease(int rank, int start, Lease lease) {
    send(rank, start, lease.toMessage());
  }

  /** Gives the keeper of shards beside a start something to do. */
  public void sendErrand(int rank, int start, ShardErrand errand) {
    send(rank, start, errand.toMessage());
  }

  /** Tells a start that there is no more work. */
  public void sendEnd(int rank, int start) {
    send(rank, start, new Message(MessageKind.END.code(), 0, new byte[0]));
  }

  /** Whoever cannot be reached is lost, which its event says. */
  private void send(int rank, int start, Message message) {
    WorkerLine line = line(rank, start);
    if (line == null) {
      return; // replaced or dropped meanwhile; that was an event of its own
    }
    try {
      line.send(message);
    } catch (IOException e) {
      events.add(new LeaseEvent.Lost(rank, start, "the driver could not reach it: " + e));
    }
  }

  /** The step that a start was last heard of, from 0. */
  public long step(int rank, int start) {
    WorkerLine line = line(rank, start);
    return line == null ? 0 : line.step();
  }

  /** How long ago a start was last heard; 0 where it is not the newest of its rank. */
  public long silentMillis(int rank, int start) {
    WorkerLine line = line(rank, start);
    return line == null ? 0 : line.silentMillis();
  }

  /** Ends the channel of a start; it says no more. */
  public void drop(int rank, int start) {
    WorkerLine line = line(rank, start);
    if (line != null) {
      line.close();
    }
  }

  /** Ends all channels and the server; no event comes afterwards but those already queued. */
  @Override
  public void close() {
    closed = true;
    server.close();
    synchronized (lines) {
      for (WorkerLine line : lines) {
        if (line != null) {
          line.close();
        }
      }
    }
  }

  private final class Door implements ControlServer.Listener {
    @Override
    public void connected(int rank, MessageChannel channel) {
      threads.newThread(() -> serve(rank, channel)).start();
    }

    @Override
    public void refused(String reason) {
      LOG.warn("The control server refused a connection: {}", reason);
    }

    @Override
    public void failed(IOException cause) {
      LOG.warn("The control server stopped to accept workers.", cause);
    }
  }

  private void serve(int rank, MessageChannel channel) {
    try (channel) {
      WorkerLine line = WorkerLine.welcome(rank, channel, lines.length);
      admit(line);
      listen(line);
    } catch (IOException e) {
      LOG.warn("Refused a worker at {}: {}", channel.remote(), e.getMessage());
    }
  }

  private void admit(WorkerLine line) throws IOException {
    int rank = line.hello().rank();
    int start = line.hello().start();
    synchronized (lines) {
      WorkerLine before = lines[rank];
      if (before != null && before.hello().start() >= start) {
        throw new IOException(
            "rank %d must come with a start above %d: it came with %d"
                .formatted(rank, before.hello().start(), start));
      }
      lines[rank] = line;
      if (before != null) {
        before.close();
      }
      events.add(new LeaseEvent.Joined(rank, start, line.hello()));
    }
  }

  private void listen(WorkerLine line) {
    try {
      line.listen((kind, message) -> heard(line, kind, message));
    } catch (IOException e) {
      if (!closed && !line.isClosed()) {
        Hello hello = line.hello();
        events.add(
            new LeaseEvent.Lost(
                hello.rank(), hello.start(), "its connection to the driver ended: " + e));
      }
    }
  }

  /** Whether the message was the start's last. */
  private boolean heard(WorkerLine line, MessageKind kind, Message message) throws IOException {
    int rank = line.hello().rank();
    int start = line.hello().start();
    switch (kind) {
      case LEASE_BEGUN -> events.add(new LeaseEvent.Begun(rank, start, message.step()));
      case LEASE_DONE -> events.add(new LeaseEvent.Done(rank, start, LeaseSums.of(message)));
      case SCORES ->
          events.add(new LeaseEvent.Scored(rank, start, message.step(), LeafScores.of(message)));
      case HOSTED, IMAGE, SNAPSHOT_TAKEN ->
          events.add(new LeaseEvent.Told(rank, start, ShardNews.of(kind, message)));
      case FINISHED -> {
        events.add(new LeaseEvent.Finished(rank, start));
        return true;
      }
      case FAILED -> {
        events.add(new LeaseEvent.Failed(rank, start, FailureReport.of(message)));
        return true;
      }
      default -> throw new IOException("a worker with leases must not send " + kind);
    }
    return false;
  }

  private WorkerLine line(int rank, int start) {
    synchronized (lines) {
      WorkerLine line = lines[rank];
      return line != null && line.hello().start() == start ? line : null;
    }
  }
}
