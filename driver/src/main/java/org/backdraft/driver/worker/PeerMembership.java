package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.MeetingPlace;
import org.backdraft.comm.transport.tcp.TcpEndpoint;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.sync.AllReduceSynchronizer;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.plan.Replica;

/** Every rank is connected to every other; through memory where all share this JVM. */
final class PeerMembership implements Membership {
  private final WorkerTask task;
  private final RankContext context;
  private final Optional<TcpEndpoint> endpoint;
  private Transport transport;

  private PeerMembership(WorkerTask task, RankContext context, Optional<TcpEndpoint> endpoint) {
    this.task = task;
    this.context = context;
    this.endpoint = endpoint;
  }

  static PeerMembership open(WorkerTask task, WorkerPlace place) throws IOException {
    GangAddress gang = task.gang();
    RankContext context =
        new RankContext(place.rank(), gang.worldSize(), gang.credentials().attempt());
    // Open before it is known whether it is needed, since its port goes with the introduction.
    return new PeerMembership(
        task,
        context,
        gang.worldSize() == 1
            ? Optional.empty()
            : Optional.of(TcpEndpoint.open(place.host(), gang.credentials())));
  }

  @Override
  public int port() {
    return endpoint.map(TcpEndpoint::port).orElse(0);
  }

  @Override
  public void connect(PeerTable table) throws IOException, InterruptedException {
    GangAddress gang = task.gang();
    Duration deadline = Duration.ofMillis(gang.stepTimeoutMillis());
    if (endpoint.isEmpty() || table.inOneJvm()) {
      endpoint.ifPresent(TcpEndpoint::close);
      transport = MeetingPlace.join(gang.credentials().runId(), context, deadline);
    } else {
      Duration timeout = Duration.ofMillis(gang.registrationTimeoutMillis());
      transport = endpoint.get().connect(context, addresses(table), timeout, deadline);
    }
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
  public Synchronizer synchronizer(Replica replica) {
    if (!(task instanceof WorkerTask.Train train)) {
      throw new IllegalStateException("Ranks agree in training alone: this task is " + task + ".");
    }
    return new AllReduceSynchronizer(
        replica,
        new ExactAllReduce(transport, replica.plan().kernels().matrix()::add),
        train.updates());
  }

  @Override
  public void close() {
    endpoint.ifPresent(TcpEndpoint::close);
    if (transport != null) {
      transport.close();
    }
  }
}
