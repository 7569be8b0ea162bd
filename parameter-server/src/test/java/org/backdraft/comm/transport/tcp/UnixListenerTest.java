package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.Transport;
import org.backdraft.concurrent.NamedThreadFactory;
import org.junit.jupiter.api.Test;

final class UnixListenerTest {
  private static final Credentials CREDENTIALS = Mesh.credentials(0);

  /** More than the sockets, and both ends' buffers, hold. */
  private static final int FLOATS = 3_000_001;

  private static float value(int rank, int i) {
    return rank * 0.5f + i % 8191;
  }

  /** Each rank sends every other one a long range, all at once. */
  private static void exchange(List<Transport> transports) throws Exception {
    int size = transports.size();
    ExecutorService threads =
        Executors.newFixedThreadPool(size, new NamedThreadFactory("test-exchange"));
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (Transport transport : transports) {
        ends.add(threads.submit(() -> exchange(transport, size)));
      }
      for (Future<?> end : ends) {
        end.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void exchange(Transport transport, int size) throws Exception {
    int rank = transport.context().rank();
    float[] own = new float[FLOATS];
    for (int i = 0; i < FLOATS; i++) {
      own[i] = value(rank, i);
    }
    float[][] others = new float[size][FLOATS];
    for (int peer = 0; peer < size; peer++) {
      if (peer != rank) {
        transport.send(peer, 1, own, 0, FLOATS);
        transport.receive(peer, 1, others[peer], 0, FLOATS);
      }
    }
    transport.await("exchange");
    for (int peer = 0; peer < size; peer++) {
      for (int i = 0; peer != rank && i < FLOATS; i++) {
        assertThat(others[peer][i] == value(peer, i)).as("%d of rank %d", i, peer).isTrue();
      }
    }
    return null;
  }

  private static Transport connect(
      int rank, List<PeerAddress> peers, ServerSocketChannel... listeners) throws Exception {
    MeshConnector connector =
        new MeshConnector(
            new RankContext(rank, peers.size(), 0),
            CREDENTIALS,
            TransportSecurity.plain(),
            peers.toArray(PeerAddress[]::new),
            1,
            new Refusals(event -> {}));
    try (Selector selector = Selector.open()) {
      return connector.connect(selector, List.of(listeners), Mesh.LONG, Mesh.LONG);
    }
  }

  /** The port in the address is one at which nobody listens. */
  @Test
  void ranksOfOneHostMeetWithoutAPort() throws Exception {
    int free;
    try (ServerSocketChannel gone = Sockets.listen(Mesh.HOST, 0)) {
      free = Sockets.port(gone);
    }
    PeerAddress zero = new PeerAddress(0, Mesh.HOST, free);
    List<PeerAddress> peers = List.of(zero, new PeerAddress(1, Mesh.HOST, 9));
    ExecutorService threads =
        Executors.newSingleThreadExecutor(new NamedThreadFactory("test-connect"));
    try (UnixListener listener = UnixListener.open(CREDENTIALS, zero.hostAndPort());
        ServerSocketChannel unused = Sockets.listen(Mesh.HOST, 0)) {
      Future<Transport> first = threads.submit(() -> connect(0, peers, listener.channel()));
      try (Transport second = connect(1, peers, unused);
          Transport other = first.get(30, TimeUnit.SECONDS)) {
        exchange(List.of(other, second));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aGangLeavesNoFile() throws Exception {
    List<TcpEndpoint> endpoints = new ArrayList<>();
    List<PeerAddress> peers = new ArrayList<>();
    for (int rank = 0; rank < 3; rank++) {
      TcpEndpoint endpoint = TcpEndpoint.open(Mesh.HOST, CREDENTIALS);
      assertThat(endpoint.offerUnixSocket()).isEmpty();
      endpoints.add(endpoint);
      peers.add(new PeerAddress(rank, Mesh.HOST, endpoint.port()));
      assertThat(UnixListener.find(CREDENTIALS, peers.get(rank).hostAndPort())).isPresent();
    }
    List<Transport> transports = Mesh.connect(endpoints, peers, 2, Mesh.LONG);
    exchange(transports);
    Mesh.close(transports);
    for (PeerAddress peer : peers) {
      assertThat(UnixListener.find(CREDENTIALS, peer.hostAndPort())).isEmpty();
    }
  }

  /** What lies there cannot be dialed, nor listened at: everybody takes the port. */
  @Test
  void aFileInTheWayLeavesThePort() throws Exception {
    List<TcpEndpoint> endpoints = new ArrayList<>();
    List<PeerAddress> peers = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      TcpEndpoint endpoint = TcpEndpoint.open(Mesh.HOST, CREDENTIALS);
      endpoints.add(endpoint);
      peers.add(new PeerAddress(rank, Mesh.HOST, endpoint.port()));
      files.add(place(peers.get(rank)));
      Files.createFile(files.get(rank));
      assertThat(endpoint.offerUnixSocket().orElseThrow()).contains("Cannot listen on");
    }
    try {
      List<Transport> transports = Mesh.connect(endpoints, peers, 1, Mesh.LONG);
      exchange(transports);
      Mesh.close(transports);
      assertThat(files).allMatch(Files::exists);
    } finally {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  private static Path place(PeerAddress peer) throws Exception {
    try (UnixListener listener = UnixListener.open(CREDENTIALS, peer.hostAndPort())) {
      assertThat(listener.channel().isOpen()).isTrue();
      return UnixListener.find(CREDENTIALS, peer.hostAndPort()).orElseThrow();
    }
  }

  @Test
  void onlyWhoKnowsSecretAttemptAndAddressFindsIt() throws Exception {
    String address = Mesh.HOST + ":1";
    try (UnixListener listener = UnixListener.open(CREDENTIALS, address)) {
      assertThat(listener.channel().isOpen()).isTrue();
      assertThat(UnixListener.find(CREDENTIALS, address)).isPresent();
      assertThat(UnixListener.find(Mesh.otherSecret(0), address)).isEmpty();
      assertThat(UnixListener.find(Mesh.credentials(1), address)).isEmpty();
      assertThat(UnixListener.find(CREDENTIALS, Mesh.HOST + ":2")).isEmpty();
    }
    assertThat(UnixListener.find(CREDENTIALS, address)).isEmpty();
  }
}
