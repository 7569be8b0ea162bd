package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.Transport;
import org.backdraft.tensor.Checks;

/**
 * A rank's listening socket, opened before the ranks know each other, so that its port can be
 * reported to the rendezvous; then the way to its peers:
 *
 * <pre>{@code
 * try (TcpEndpoint endpoint = TcpEndpoint.open(host, credentials)) {
 *   List<PeerAddress> peers = rendezvous(host, endpoint.port());
 *   return endpoint.connect(context, peers, Duration.ofSeconds(30));
 * }
 * }</pre>
 *
 * <p>Every pair of ranks has one connection, or as many as are asked for (the higher rank dials),
 * so a gang of N has N·(N−1)/2 or a multiple. Nothing is accepted before {@link #connect} is
 * called, and the listener closes when all peers are connected. Used by one thread.
 */
public final class TcpEndpoint implements AutoCloseable {
  /** So many connections give any network in use a fair chance. */
  public static final int MOST_LANES = 16;

  private final ServerSocketChannel listener;
  private final String host;
  private final int port;
  private final Credentials credentials;
  private final TransportSecurity security;
  private final Refusals refusals;
  private Optional<UnixListener> local = Optional.empty();

  private TcpEndpoint(
      ServerSocketChannel listener,
      String host,
      Credentials credentials,
      TransportSecurity security,
      Consumer<String> events)
      throws IOException {
    this.listener = listener;
    this.host = host;
    this.port = Sockets.port(listener);
    this.credentials = credentials;
    this.security = security;
    refusals = new Refusals(events);
  }

  /** As {@link #open(String, Credentials, Consumer)}, without a listener for refusals. */
  public static TcpEndpoint open(String host, Credentials credentials) throws IOException {
    return open(host, credentials, event -> {});
  }

  /** As the longer form, without encryption. */
  public static TcpEndpoint open(String host, Credentials credentials, Consumer<String> events)
      throws IOException {
    return open(host, credentials, TransportSecurity.plain(), events);
  }

  /**
   * Listens at a free port.
   *
   * @param host an address of this machine that the peers can reach; never a wildcard
   * @param security whether connections are encrypted; the same kind at all ranks
   * @param events told of each connection that was refused, on the thread that connects; not the
   *     secret
   * @throws IOException if the host is unknown or not of this machine
   */
  public static TcpEndpoint open(
      String host, Credentials credentials, TransportSecurity security, Consumer<String> events)
      throws IOException {
    ServerSocketChannel listener = Sockets.listen(host, 0);
    return new TcpEndpoint(listener, host, credentials, security, events);
  }

  /**
   * Lets peers on this host come by a Unix-domain socket as well, which costs them less than TCP;
   * they find it by themselves. Connections that are to be encrypted stay with TCP.
   *
   * @return why there is none, if so: all peers dial the port then
   */
  public Optional<String> offerUnixSocket() {
    if (security.isEncrypted() || local.isPresent()) {
      return Optional.empty();
    }
    try {
      local = Optional.of(UnixListener.open(credentials, host + ":" + port));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** The port that peers dial. */
  public int port() {
    return port;
  }

  /** As the longer form, with one connection to each peer and one duration for both. */
  public Transport connect(RankContext context, List<PeerAddress> peers, Duration timeout)
      throws CollectiveException, IOException {
    return connect(context, peers, 1, timeout, timeout);
  }

  /**
   * Connects to all peers; every rank of the gang calls this at about the same time. The endpoint
   * is used up afterwards, also by a failure.
   *
   * @param peers the addresses of all ranks, this one's included, the same list everywhere: a
   *     connection is bound to the address in it
   * @param lanes connections to each peer, in [1, {@value #MOST_LANES}], the same number
   *     everywhere: long ranges are spread over them
   * @param timeout for all connections together
   * @param deadline how long a later {@link Transport#await} waits while no byte moves
   * @throws CollectiveException naming the first peer that is missing, or that refused this rank
   */
  public Transport connect(
      RankContext context, List<PeerAddress> peers, int lanes, Duration timeout, Duration deadline)
      throws CollectiveException, IOException {
    Checks.argument(
        lanes >= 1 && lanes <= MOST_LANES,
        "Connections to a peer must lie in [1, %d]: got %d.",
        MOST_LANES,
        lanes);
    MeshConnector connector =
        new MeshConnector(
            context, credentials, security, sortedByRank(context, peers), lanes, refusals);
    try (Selector selector = Selector.open()) {
      return connector.connect(selector, listeners(), timeout, deadline);
    } finally {
      close();
    }
  }

  private List<ServerSocketChannel> listeners() {
    return local.map(each -> List.of(listener, each.channel())).orElse(List.of(listener));
  }

  private PeerAddress[] sortedByRank(RankContext context, List<PeerAddress> peers) {
    PeerAddress[] byRank = new PeerAddress[context.worldSize()];
    for (PeerAddress peer : peers) {
      if (peer.rank() >= byRank.length || byRank[peer.rank()] != null) {
        throw new IllegalArgumentException(
            "There must be one address for each rank in [0, %d): got %s."
                .formatted(byRank.length, peers));
      }
      byRank[peer.rank()] = peer;
    }
    if (peers.size() != byRank.length || context.attempt() != credentials.attempt()) {
      throw new IllegalArgumentException(
          "There must be one address for each of %d ranks of attempt %d: got %s for attempt %d."
              .formatted(byRank.length, credentials.attempt(), peers, context.attempt()));
    }
    return byRank;
  }

  @Override
  public void close() {
    Sockets.close(listener);
    local.ifPresent(UnixListener::close);
  }
}
