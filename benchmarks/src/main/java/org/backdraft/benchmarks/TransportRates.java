package org.backdraft.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.TlsSettings;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.tcp.TcpEndpoint;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.Leaves;

/**
 * How fast the transport is between two ranks on the loopback interface, by TCP and by a
 * Unix-domain socket, beside {@link PlainSocket} in the same run: GB/s one way and both ways, µs of
 * a small all-reduce. Each figure is the median of rounds in which all are measured in turn.
 *
 * <p>Two plain rows: <em>arrays</em> copies from a {@code float[]} to a {@code float[]}, as the
 * transport must; <em>buffers</em> sends one buffer over and over.
 */
public final class TransportRates {
  private static final String HOST = "127.0.0.1";
  private static final int FLOATS = 16 << 20;
  private static final int ROUNDS = 9;
  private static final int LARGE_REPEATS = 4;
  private static final int SMALL_REPEATS = 1000;
  private static final int[] SMALL_FLOATS = {1, 256, 4096, 1 << 18};
  private static final Leaves LEAVES = new Leaves(2);

  /** What an end does, at rank 0 and at rank 1. */
  @FunctionalInterface
  private interface End {
    void run(int rank) throws Exception;
  }

  private final List<String> names = new ArrayList<>();
  private final List<double[]> values = new ArrayList<>();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(2, new NamedThreadFactory("bench-rank"));
  private int round;

  private final TransportSecurity security;
  private final int lanes;

  private TransportRates(TransportSecurity security, int lanes) {
    this.security = security;
    this.lanes = lanes;
  }

  /**
   * Takes no arguments, or one for the number of connections, or four for TLS: key store, its
   * password, trust store, its password.
   */
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    TransportSecurity security =
        args.length < 4
            ? TransportSecurity.plain()
            : TransportSecurity.tls(
                new TlsSettings(
                    Path.of(args[0]),
                    args[1].toCharArray(),
                    Path.of(args[2]),
                    args[3].toCharArray()));
    TransportRates rates =
        new TransportRates(security, args.length == 1 ? Integer.parseInt(args[0]) : 1);
    try {
      rates.measure();
    } finally {
      rates.threads.shutdownNow();
    }
    rates.print(out);
  }

  private void measure() throws Exception {
    PlainSocket[] plain = PlainSocket.pair();
    Transport[] transports = connect(false);
    Transport[] local = connect(true);
    Collectives[] collectives = new Collectives[2];
    float[][] arrays = new float[4][FLOATS];
    for (int rank = 0; rank < 2; rank++) {
      collectives[rank] =
          new ExactAllReduce(transports[rank], KernelLookup.choose().kernels().matrix()::add);
      Arrays.fill(arrays[rank], rank + 1);
    }
    for (round = -2; round < ROUNDS; round++) {
      rate(
          "one way, plain buffers",
          1,
          rank -> plain[rank].exchange(null, rank == 0 ? FLOATS : 0, null, rank * FLOATS));
      rate(
          "one way, plain arrays",
          1,
          rank ->
              plain[rank].exchange(arrays[0], rank == 0 ? FLOATS : 0, arrays[2], rank * FLOATS));
      rate("one way, transport", 1, rank -> oneWay(transports[rank], arrays[0], arrays[2]));
      rate("both ways, plain buffers", 2, rank -> plain[rank].exchange(null, FLOATS, null, FLOATS));
      rate(
          "both ways, plain arrays",
          2,
          rank -> plain[rank].exchange(arrays[rank], FLOATS, arrays[2 + rank], FLOATS));
      rate(
          "both ways, transport",
          2,
          rank -> bothWays(transports[rank], arrays[rank], arrays[2 + rank]));
      rate(
          "both ways, transport by Unix socket",
          2,
          rank -> bothWays(local[rank], arrays[rank], arrays[2 + rank]));
      for (int floats : SMALL_FLOATS) {
        micros(
            "exchange of " + floats + " floats, plain",
            rank -> plain[rank].exchange(arrays[rank], floats, arrays[2 + rank], floats));
        micros(
            "exchange of " + floats + " floats, transport",
            rank -> small(transports[rank], arrays[rank], arrays[2 + rank], floats));
        micros(
            "exchange of " + floats + " floats, by Unix socket",
            rank -> small(local[rank], arrays[rank], arrays[2 + rank], floats));
        micros(
            "all-reduce of " + floats + " floats",
            rank -> {
              float[][] sums = {arrays[2 + rank]};
              collectives[rank].allReduce(LEAVES, sums, 0, floats, 0);
            });
      }
      if (arrays[2][FLOATS - 1] != 2 || arrays[3][FLOATS - 1] != 1) {
        throw new AssertionError("What was sent must arrive.");
      }
    }
    for (int rank = 0; rank < 2; rank++) {
      plain[rank].close();
      transports[rank].close();
      local[rank].close();
    }
  }

  private static void oneWay(Transport transport, float[] source, float[] target) throws Exception {
    if (transport.context().rank() == 0) {
      transport.send(1, 0, source, 0, FLOATS);
    } else {
      transport.receive(0, 0, target, 0, FLOATS);
    }
    transport.await("one way");
  }

  private static void bothWays(Transport transport, float[] source, float[] target)
      throws Exception {
    small(transport, source, target, FLOATS);
  }

  private static void small(Transport transport, float[] source, float[] target, int floats)
      throws Exception {
    int peer = 1 - transport.context().rank();
    transport.send(peer, 0, source, 0, floats);
    transport.receive(peer, 0, target, 0, floats);
    transport.await("exchange");
  }

  private void rate(String name, int ways, End end) throws Exception {
    double nanos = run(end, LARGE_REPEATS) / LARGE_REPEATS;
    record(name, ways * (double) FLOATS * Float.BYTES / nanos);
  }

  private void micros(String name, End end) throws Exception {
    record(name, run(end, SMALL_REPEATS) / 1000 / SMALL_REPEATS);
  }

  private double run(End end, int repeats) throws Exception {
    long start = System.nanoTime();
    List<Callable<Void>> ends = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      int self = rank;
      ends.add(
          () -> {
            for (int i = 0; i < repeats; i++) {
              end.run(self);
            }
            return null;
          });
    }
    for (Future<Void> each : threads.invokeAll(ends)) {
      each.get();
    }
    return System.nanoTime() - start;
  }

  private void record(String name, double value) {
    if (round < 0) {
      return;
    }
    int at = names.indexOf(name);
    if (at < 0) {
      at = names.size();
      names.add(name);
      values.add(new double[ROUNDS]);
    }
    values.get(at)[round] = value;
  }

  private void print(PrintStream out) {
    for (int i = 0; i < names.size(); i++) {
      double[] sorted = values.get(i).clone();
      Arrays.sort(sorted);
      boolean rate = names.get(i).contains("way");
      out.printf(
          Locale.ROOT,
          "%-46s %8.2f %-4s  (%.2f to %.2f)%n",
          names.get(i),
          sorted[ROUNDS / 2],
          rate ? "GB/s" : "µs",
          sorted[0],
          sorted[ROUNDS - 1]);
    }
  }

  /**
   * @param local whether by a Unix-domain socket, unless encrypted
   */
  private Transport[] connect(boolean local) throws Exception {
    Credentials credentials = new Credentials(1, 0, new byte[Credentials.SECRET_BYTES]);
    List<TcpEndpoint> endpoints = new ArrayList<>();
    List<PeerAddress> peers = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      TcpEndpoint endpoint = TcpEndpoint.open(HOST, credentials, security, event -> {});
      if (local) {
        endpoint.offerUnixSocket().ifPresent(System.err::println);
      }
      endpoints.add(endpoint);
      peers.add(new PeerAddress(rank, HOST, endpoint.port()));
    }
    List<Callable<Transport>> ends = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      RankContext context = new RankContext(rank, 2, 0);
      TcpEndpoint endpoint = endpoints.get(rank);
      Duration patience = Duration.ofSeconds(20);
      ends.add(() -> endpoint.connect(context, peers, lanes, patience, patience));
    }
    Transport[] transports = new Transport[2];
    List<Future<Transport>> futures = threads.invokeAll(ends, 30, TimeUnit.SECONDS);
    for (int rank = 0; rank < 2; rank++) {
      transports[rank] = futures.get(rank).get();
    }
    return transports;
  }
}
