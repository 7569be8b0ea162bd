package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.time.Duration;
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

/** Gangs over the loopback interface, for tests. */
public final class Mesh {
  static final String HOST = "127.0.0.1";
  static final Duration LONG = Duration.ofSeconds(30);

  private Mesh() {}

  static Credentials credentials(int attempt) {
    byte[] secret = new byte[32];
    secret[3] = 77;
    return new Credentials(0xBACDL << 40 | 5, attempt, secret);
  }

  static Credentials otherSecret(int attempt) {
    return new Credentials(credentials(0).runId(), attempt, new byte[32]);
  }

  /** The transports of a whole gang, by rank. */
  public static List<Transport> connect(int worldSize) throws Exception {
    return connect(worldSize, TransportSecurity.plain());
  }

  /** As {@link #connect(int)}, encrypted or not. */
  static List<Transport> connect(int worldSize, TransportSecurity security) throws Exception {
    return connect(worldSize, 1, security);
  }

  /** As {@link #connect(int)}, by several connections between two ranks, encrypted or not. */
  static List<Transport> connect(int worldSize, int lanes, TransportSecurity security)
      throws Exception {
    List<TcpEndpoint> endpoints = new ArrayList<>();
    List<PeerAddress> peers = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      TcpEndpoint endpoint = TcpEndpoint.open(HOST, credentials(0), security, event -> {});
      endpoints.add(endpoint);
      peers.add(new PeerAddress(rank, HOST, endpoint.port()));
    }
    return connect(endpoints, peers, lanes, LONG);
  }

  /** As {@link #connect(int)}, where the addresses may be those of proxies. */
  static List<Transport> connect(
      List<TcpEndpoint> endpoints, List<PeerAddress> peers, int lanes, Duration deadline)
      throws Exception {
    int worldSize = endpoints.size();
    ExecutorService threads =
        Executors.newFixedThreadPool(worldSize, new NamedThreadFactory("test-connect"));
    try {
      List<Future<Transport>> futures = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        RankContext context = new RankContext(rank, worldSize, 0);
        TcpEndpoint endpoint = endpoints.get(rank);
        futures.add(threads.submit(() -> endpoint.connect(context, peers, lanes, LONG, deadline)));
      }
      List<Transport> transports = new ArrayList<>();
      for (Future<Transport> future : futures) {
        transports.add(future.get(60, TimeUnit.SECONDS));
      }
      return transports;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Two ranks whose connection goes through {@code proxy}, which is told where to pump to. */
  static List<Transport> through(FaultyProxy proxy, Duration deadline) throws Exception {
    return through(proxy, deadline, 1, TransportSecurity.plain());
  }

  /** As {@link #through(FaultyProxy, Duration)}, by several connections, encrypted or not. */
  static List<Transport> through(
      FaultyProxy proxy, Duration deadline, int lanes, TransportSecurity security)
      throws Exception {
    List<TcpEndpoint> endpoints =
        List.of(
            TcpEndpoint.open(HOST, credentials(0), security, event -> {}),
            TcpEndpoint.open(HOST, credentials(0), security, event -> {}));
    proxy.start(endpoints.get(0).port());
    return connect(
        endpoints,
        List.of(
            new PeerAddress(0, HOST, proxy.port()),
            new PeerAddress(1, HOST, endpoints.get(1).port())),
        lanes,
        deadline);
  }

  static void close(List<Transport> transports) throws IOException {
    for (Transport transport : transports) {
      transport.close();
    }
  }
}
