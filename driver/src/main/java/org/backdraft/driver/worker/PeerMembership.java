package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.probe.GangProbe;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.MeetingPlace;
import org.backdraft.comm.transport.tcp.TcpEndpoint;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.control.SyncChoice;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.KeptArrays;
import org.backdraft.driver.sync.PeerSynchronizers;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every rank is connected to every other; through memory where all share this JVM. */
final class PeerMembership implements Membership {
  private static final Logger LOG = LoggerFactory.getLogger(PeerMembership.class);

  private final WorkerTask task;
  private final RankContext context;
  private final Optional<TcpEndpoint> endpoint;
  private final WorkerControl control;
  private GangPeers gang;

  private PeerMembership(
      WorkerTask task, RankContext context, Optional<TcpEndpoint> endpoint, WorkerControl control) {
    this.task = task;
    this.context = context;
    this.endpoint = endpoint;
    this.control = control;
  }

  /**
   * @param control by which rank 0 tells how the gang sums; closed by who made it
   */
  static PeerMembership open(WorkerTask task, WorkerPlace place, WorkerControl control)
      throws IOException {
    GangAddress gang = task.gang();
    RankContext context =
        new RankContext(place.rank(), gang.worldSize(), gang.credentials().attempt());
    // Open before it is known whether it is needed, since its port goes with the introduction.
    return new PeerMembership(
        task,
        context,
        gang.worldSize() == 1 ? Optional.empty() : Optional.of(listen(place, gang)),
        control);
  }

  private static TcpEndpoint listen(WorkerPlace place, GangAddress gang) throws IOException {
    TcpEndpoint endpoint =
        TcpEndpoint.open(
            place.host(),
            gang.credentials(),
            TransportSecurity.of(gang.tls()),
            event -> LOG.warn("Rank {} refused a connection: {}", place.rank(), event));
    endpoint
        .offerUnixSocket()
        .ifPresent(
            reason ->
                LOG.info("Peers on its host reach rank {} by TCP: {}.", place.rank(), reason));
    return endpoint;
  }

  @Override
  public int port() {
    return endpoint.map(TcpEndpoint::port).orElse(0);
  }

  @Override
  public void connect(PeerTable table) throws IOException, InterruptedException {
    GangAddress address = task.gang();
    Duration deadline = Duration.ofMillis(address.stepTimeoutMillis());
    boolean isInOneJvm = endpoint.isEmpty() || table.inOneJvm();
    Transport transport;
    if (isInOneJvm) {
      endpoint.ifPresent(TcpEndpoint::close);
      transport = MeetingPlace.join(address.credentials().runId(), context, deadline);
    } else {
      Duration timeout = Duration.ofMillis(address.registrationTimeoutMillis());
      transport =
          endpoint.get().connect(context, addresses(table), address.lanes(), timeout, deadline);
    }
    gang = GangPeers.of(table, transport, isInOneJvm);
  }

  private static List<PeerAddress> addresses(PeerTable table) {
    List<PeerAddress> addresses = new ArrayList<>();
    for (int rank = 0; rank < table.peers().size(); rank++) {
      PeerTable.Peer peer = table.peers().get(rank);
      addresses.add(new PeerAddress(rank, peer.host(), peer.dataPort()));
    }
    return addresses;
  }

  @Override
  public Synchronizer synchronizer(Replica replica) throws IOException, InterruptedException {
    if (!(task instanceof WorkerTask.Train train)) {
      throw new IllegalStateException("Ranks agree in training alone: this task is " + task + ".");
    }
    Synchronizer synchronizer =
        PeerSynchronizers.create(
            train.sync(),
            replica,
            gang.transport(),
            collectives(train, replica),
            train.updates(),
            train.examplesBefore());
    if (train.continuity().goesOn()) {
      for (KeptArrays each : synchronizer.state(train.stepsBefore())) {
        StateReceiver.receive(each, control);
      }
    }
    return synchronizer;
  }

  private Collectives collectives(WorkerTask.Train train, Replica replica) throws IOException {
    ParameterBlocks blocks = new ParameterBlocks(replica.plan().parameterTable());
    int elements = replica.plan().reduction().size();
    int bucketBytes = train.sync().bucketBytes();
    int longest =
        bucketBytes == 0
            ? elements
            : Math.min(elements, Math.max(ParameterBlocks.SIZE, bucketBytes / Float.BYTES));
    ExchangeChoice choices =
        new ExchangeChoice(gang, replica.plan().kernels().matrix()::add, BlockBorders.of(blocks));
    SyncChoice choice =
        choices.choose(
            train.sync().exchange(),
            new GangProbe.Load(replica.plan().request().leaves(), longest, elements));
    if (context.rank() == 0) {
      control.tell(choice);
    }
    return choices.collectives(choice);
  }

  @Override
  public void close() {
    endpoint.ifPresent(TcpEndpoint::close);
    if (gang != null) {
      gang.transport().close();
    }
  }
}
