package org.backdraft.driver.control;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.tcp.ControlServer;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.concurrent.NamedThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's end of the control channels of one attempt: takes in the workers and turns what they
 * say into one queue of {@link GangEvent}s.
 *
 * <p><b>Threads</b>: one reads each channel; {@link #next} is for one thread of the driver, the
 * rest for any.
 */
public final class GangControl implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GangControl.class);

  /**
   * The longest message: a {@link WeightsChunk}, or a block of a table with the state of its
   * optimizer.
   */
  static final int MAX_MESSAGE_BYTES = 16 << 20;

  private final GangAddress address;
  private final ControlServer server;
  private final BlockingQueue<GangEvent> events = new LinkedBlockingQueue<>();
  private final WorkerLine[] members; // guarded by itself
  private final NamedThreadFactory threads = new NamedThreadFactory("control");
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Opens the server of one attempt.
   *
   * @param bindHost a local address to listen at
   * @param draft the gang's address, whose port is not known yet
   */
  public static GangControl open(String bindHost, GangAddress draft) throws IOException {
    return new GangControl(bindHost, draft);
  }

  private GangControl(String bindHost, GangAddress draft) throws IOException {
    members = new WorkerLine[draft.worldSize()];
    server =
        ControlServer.open(
            bindHost,
            draft.host(),
            draft.credentials(),
            TransportSecurity.of(draft.tls()),
            draft.worldSize(),
            MAX_MESSAGE_BYTES,
            new Door());
    address = draft.withPort(server.port());
  }

  /** Where workers find this. */
  public GangAddress address() {
    return address;
  }

  /** The next event, null if none came within {@code timeout}. */
  public GangEvent next(Duration timeout) throws InterruptedException {
    return events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Tells all ranks where their peers and shards are; all must have joined.
   *
   * @param shards of a parameter server, none without
   */
  public void sendPeers(PeerTable.Shards shards) throws IOException {
    List<PeerTable.Peer> peers = new ArrayList<>();
    for (int rank = 0; rank < members.length; rank++) {
      Hello hello = member(rank).hello();
      peers.add(new PeerTable.Peer(hello.host(), hello.dataPort(), hello.jvmId()));
    }
    sendAll(new PeerTable(peers, shards.of(peers)).toMessage());
  }

  /** Sends all ranks the weights to start with. */
  public void sendStartWeights(float[] parameters, float[] buffers) throws IOException {
    int total = Math.addExact(parameters.length, buffers.length);
    for (int begin = 0; begin < total; begin += WeightsChunk.MAX_FLOATS) {
      int length = Math.min(WeightsChunk.MAX_FLOATS, total - begin);
      sendAll(WeightsChunk.message(MessageKind.START_WEIGHTS, parameters, buffers, begin, length));
    }
  }

  /**
   * Answers a rank that has asked for the state to go on from.
   *
   * @param slots the arrays of the state, of all parameters
   */
  public void sendStartState(int rank, StateRanges ranges, float[][] slots) throws IOException {
    int endSlot = Math.min(slots.length, ranges.endSlot());
    for (int slot = ranges.firstSlot(); slot < endSlot; slot++) {
      for (int range = 0; range < ranges.begins().length; range++) {
        int end = ranges.ends()[range];
        for (int begin = ranges.begins()[range]; begin < end; begin += StateChunk.MOST_FLOATS) {
          int length = Math.min(StateChunk.MOST_FLOATS, end - begin);
          send(
              rank,
              StateChunk.message(
                  MessageKind.START_STATE, 0, slot, begin, slots[slot], begin, length));
        }
      }
    }
  }

  /** Lets rank 0 go on, since what the driver keeps of its state has been copied. */
  public void sendStateKept() throws IOException {
    send(0, new Message(MessageKind.STATE_KEPT.code(), 0, new byte[0]));
  }

  /** Has rank 0 raise a number, which all ranks learn with the sums of one of the next steps. */
  public void signal(int number) throws IOException {
    send(0, new Message(MessageKind.SIGNAL.code(), number, new byte[0]));
  }

  /** Lets all ranks go that have stopped and wait for it. */
  public void sendEnd() throws IOException {
    sendAll(new Message(MessageKind.END.code(), 0, new byte[0]));
  }

  /** Tells all ranks whether another epoch follows. */
  public void sendVerdict(Verdict verdict) throws IOException {
    sendAll(verdict.toMessage());
  }

  /** The rank's introduction, null if it has not come. */
  public Hello hello(int rank) {
    WorkerLine member = member(rank);
    return member == null ? null : member.hello();
  }

  /** The step that the rank was last heard of, from 0. */
  public long step(int rank) {
    WorkerLine member = member(rank);
    return member == null ? 0 : member.step();
  }

  /** How long ago the rank was last heard, 0 if it has not come. */
  public long silentMillis(int rank) {
    WorkerLine member = member(rank);
    return member == null ? 0 : member.silentMillis();
  }

  /** Ends all channels and the server; no event comes afterwards but those already queued. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    server.close();
    synchronized (members) {
      for (WorkerLine member : members) {
        if (member != null) {
          member.close();
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
      WorkerLine member = WorkerLine.welcome(rank, channel, members.length);
      admit(member);
      listen(member);
    } catch (IOException e) {
      LOG.warn("Refused a worker at {}: {}", channel.remote(), e.getMessage());
    }
  }

  private void admit(WorkerLine member) throws IOException {
    int rank = member.hello().rank();
    synchronized (members) {
      if (members[rank] != null) {
        throw new IOException(
            "rank %d has already joined from %s".formatted(rank, members[rank].remote()));
      }
      members[rank] = member;
    }
    events.add(new GangEvent.Joined(rank, member.hello()));
  }

  private void listen(WorkerLine member) {
    try {
      member.listen((kind, message) -> heard(member, kind, message));
    } catch (IOException e) {
      if (!closed.get()) {
        int rank = member.hello().rank();
        events.add(new GangEvent.Lost(rank, "its connection to the driver ended: " + e));
      }
    }
  }

  /** Whether the message was the rank's last. */
  private boolean heard(WorkerLine member, MessageKind kind, Message message) throws IOException {
    int rank = member.hello().rank();
    switch (kind) {
      case STEPS -> events.add(new GangEvent.Stepped(rank, StepRecords.of(message)));
      case CHOICE -> events.add(new GangEvent.Chosen(rank, SyncChoice.of(message)));
      case TIMES -> events.add(new GangEvent.Timed(rank, TimeRecords.of(message)));
      case SCORES -> {
        member.reached(message.step());
        events.add(
            new GangEvent.Scored(
                rank, LeafScores.epochOf(message), message.step(), LeafScores.of(message)));
      }
      case WEIGHTS -> events.add(new GangEvent.Weighed(rank, WeightsChunk.of(kind, message)));
      case STATE_BEGINS ->
          events.add(new GangEvent.StateBegun(rank, message.step(), StateMark.of(message)));
      case STATE ->
          events.add(new GangEvent.Stated(rank, message.step(), StateChunk.of(kind, message)));
      case STATE_ENDS -> events.add(new GangEvent.StateEnded(rank, message.step()));
      case STATE_WANTED -> events.add(new GangEvent.StateWanted(rank, StateRanges.of(message)));
      case DIGEST ->
          events.add(new GangEvent.Digested(rank, message.step(), ReplicaDigest.of(message)));
      case FINISHED -> {
        events.add(new GangEvent.Finished(rank, message.step(), Finish.of(message)));
        return true;
      }
      case FAILED -> {
        member.reached(message.step());
        events.add(new GangEvent.Failed(rank, FailureReport.of(message)));
        return true;
      }
      default -> throw new IOException("a worker of a gang must not send " + kind);
    }
    return false;
  }

  private void sendAll(Message message) throws IOException {
    for (int rank = 0; rank < members.length; rank++) {
      send(rank, message);
    }
  }

  private void send(int rank, Message message) throws IOException {
    try {
      member(rank).send(message);
    } catch (IOException e) {
      // The rank's reader sees the end of the channel too, unless the other end just stopped
      // reading; either way it is this rank that is lost.
      events.add(new GangEvent.Lost(rank, "the driver could not reach it: " + e));
      throw e;
    }
  }

  private WorkerLine member(int rank) {
    synchronized (members) {
      return members[rank];
    }
  }
}
