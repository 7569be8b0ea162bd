package org.backdraft.jobs.bench;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.probe.GangProbe;
import org.backdraft.comm.probe.ProbeResult;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.tcp.TcpEndpoint;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.Leaves;

/**
 * What a run's probe measures, of two ranks of this process that talk over the loopback interface.
 * A message there is a copy by the processor: a real network has another latency and bandwidth.
 */
final class LoopbackProbe {
  private static final String HOST = "127.0.0.1";
  private static final int RANKS = 2;
  private static final int ELEMENTS = 1 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private LoopbackProbe() {}

  /** Takes about a second. */
  static ProbeResult run() throws IOException, InterruptedException {
    byte[] secret = new byte[Credentials.SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    Credentials credentials = new Credentials(1, 0, secret);
    ExecutorService threads =
        Executors.newFixedThreadPool(RANKS, new NamedThreadFactory("probe-rank"));
    List<TcpEndpoint> endpoints = new ArrayList<>();
    try {
      List<PeerAddress> peers = new ArrayList<>();
      for (int rank = 0; rank < RANKS; rank++) {
        endpoints.add(TcpEndpoint.open(HOST, credentials, TransportSecurity.plain(), event -> {}));
        peers.add(new PeerAddress(rank, HOST, endpoints.get(rank).port()));
      }
      List<Future<ProbeResult>> results = new ArrayList<>();
      for (int rank = 0; rank < RANKS; rank++) {
        RankContext context = new RankContext(rank, RANKS, 0);
        TcpEndpoint endpoint = endpoints.get(rank);
        results.add(threads.submit(() -> probe(endpoint, context, peers)));
      }
      // Every wait of a rank has the transport's deadline, so these end.
      ProbeResult first = results.get(0).get();
      results.get(1).get();
      return first;
    } catch (ExecutionException e) {
      throw new IOException("The probe of the loopback interface failed.", e.getCause());
    } finally {
      endpoints.forEach(TcpEndpoint::close);
      threads.shutdownNow();
    }
  }

  private static ProbeResult probe(
      TcpEndpoint endpoint, RankContext context, List<PeerAddress> peers) throws IOException {
    try (Transport transport = endpoint.connect(context, peers, DEADLINE)) {
      return new GangProbe(
              transport,
              KernelLookup.choose().kernels().matrix()::add,
              BlockBorders.uniform(),
              List.of(HOST, HOST),
              new GangProbe.Load(new Leaves(RANKS), ELEMENTS, ELEMENTS))
          .run(LIMIT);
    }
  }
}
