package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.MeetingPlace;
import org.backdraft.comm.transport.tcp.TcpEndpoint;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.kernel.KernelLookup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a rank finds its peers: introduces itself to the driver, then connects to all of them. */
final class Gathering {
  private static final Logger LOG = LoggerFactory.getLogger(Gathering.class);

  private Gathering() {}

  /**
   * The gang as a rank sees it.
   *
   * @param transport to all ranks; closed with this
   * @param hosts of the ranks, in their order
   * @param isInOneJvm whether all share one, and the transport goes through its memory
   */
  record Peers(Transport transport, List<String> hosts, boolean isInOneJvm)
      implements AutoCloseable {
    Peers {
      hosts = List.copyOf(hosts);
    }

    @Override
    public void close() {
      transport.close();
    }
  }

  /** Joins the gang. */
  static Peers join(
      GangAddress gang,
      WorkerPlace place,
      WorkerControl control,
      KernelLookup.Choice kernels,
      String tuning)
      throws IOException, InterruptedException {
    RankContext context =
        new RankContext(place.rank(), gang.worldSize(), gang.credentials().attempt());
    Duration deadline = Duration.ofMillis(gang.stepTimeoutMillis());
    if (gang.worldSize() == 1) {
      PeerTable table = control.register(hello(place, 0, kernels, tuning));
      return new Peers(
          MeetingPlace.join(gang.credentials().runId(), context, deadline), hosts(table), true);
    }
    // Open before it is known whether it is needed, since its port goes with the introduction.
    try (TcpEndpoint endpoint =
        TcpEndpoint.open(
            place.host(),
            gang.credentials(),
            TransportSecurity.of(gang.tls()),
            event -> LOG.warn("Rank {} refused a connection: {}", place.rank(), event))) {
      PeerTable table = control.register(hello(place, endpoint.port(), kernels, tuning));
      boolean isInOneJvm = table.inOneJvm();
      Transport transport =
          isInOneJvm
              ? MeetingPlace.join(gang.credentials().runId(), context, deadline)
              : endpoint.connect(
                  context,
                  addresses(table),
                  Duration.ofMillis(gang.registrationTimeoutMillis()),
                  deadline);
      return new Peers(transport, hosts(table), isInOneJvm);
    }
  }

  private static List<String> hosts(PeerTable table) {
    List<String> hosts = new ArrayList<>();
    for (PeerTable.Peer peer : table.peers()) {
      hosts.add(peer.host());
    }
    return hosts;
  }

  private static Hello hello(
      WorkerPlace place, int dataPort, KernelLookup.Choice kernels, String tuning) {
    return new Hello(
        place.rank(),
        place.host(),
        dataPort,
        place.jvmId(),
        place.executorId(),
        ProcessHandle.current().pid(),
        Runtime.getRuntime().availableProcessors(),
        kernels.explanation(),
        tuning,
        kernels.fast());
  }

  private static List<PeerAddress> addresses(PeerTable table) {
    List<PeerAddress> addresses = new ArrayList<>();
    for (int rank = 0; rank < table.peers().size(); rank++) {
      PeerTable.Peer peer = table.peers().get(rank);
      addresses.add(new PeerAddress(rank, peer.host(), peer.dataPort()));
    }
    return addresses;
  }
}
