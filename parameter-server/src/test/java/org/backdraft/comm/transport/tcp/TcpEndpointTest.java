package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.Transport;
import org.backdraft.concurrent.NamedThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TcpEndpointTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Credentials CREDENTIALS = Mesh.credentials(4);

  @Test
  void aWildcardAddressIsRefused() {
    assertThatThrownBy(() -> TcpEndpoint.open("0.0.0.0", CREDENTIALS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("wildcard");
  }

  @Test
  void aSecretMustBeLongEnough() {
    assertThatThrownBy(() -> new Credentials(1, 0, new byte[16]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32 bytes long: got attempt 0, 16 bytes");
    assertThat(CREDENTIALS.toString()).doesNotContain("77").doesNotContain("secret");
  }

  @Test
  void hostsAndPortsAreChecked() {
    for (String host : new String[] {"", "a b", "a\nb", "host\u0000", "h".repeat(256)}) {
      assertThatThrownBy(() -> new PeerAddress(0, host, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (int port : new int[] {-1, 0, 65536}) {
      assertThatThrownBy(() -> new PeerAddress(0, "host", port))
          .hasMessageContaining("[1, 65535]: got " + port);
    }
  }

  @Test
  void addressesMustBeThoseOfAllRanks() throws Exception {
    RankContext context = new RankContext(0, 2, 4);
    PeerAddress first = new PeerAddress(0, Mesh.HOST, 1);
    for (List<PeerAddress> peers :
        List.of(
            List.of(first),
            List.of(first, first),
            List.of(first, new PeerAddress(2, Mesh.HOST, 1)))) {
      try (TcpEndpoint endpoint = TcpEndpoint.open(Mesh.HOST, CREDENTIALS)) {
        assertThatThrownBy(() -> endpoint.connect(context, peers, SHORT))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("one address for each");
      }
    }
  }

  @Test
  void aPeerThatDoesNotListenIsNamed() throws Exception {
    int port;
    try (TcpEndpoint gone = TcpEndpoint.open(Mesh.HOST, CREDENTIALS)) {
      port = gone.port();
    }
    try (TcpEndpoint endpoint = TcpEndpoint.open(Mesh.HOST, CREDENTIALS)) {
      List<PeerAddress> peers =
          List.of(
              new PeerAddress(0, Mesh.HOST, port), new PeerAddress(1, Mesh.HOST, endpoint.port()));
      assertThatThrownBy(() -> endpoint.connect(new RankContext(1, 2, 4), peers, SHORT))
          .isInstanceOf(CollectiveException.PeerLost.class)
          .hasMessageContaining("rank 1 of 2 (attempt 4) in connect")
          .hasMessageContaining("peer rank 0");
    }
  }

  @Test
  void aPeerThatNeverDialsIsNamed() throws Exception {
    try (TcpEndpoint endpoint = TcpEndpoint.open(Mesh.HOST, CREDENTIALS)) {
      List<PeerAddress> peers =
          List.of(new PeerAddress(0, Mesh.HOST, endpoint.port()), new PeerAddress(1, Mesh.HOST, 1));
      assertThatThrownBy(() -> endpoint.connect(new RankContext(0, 2, 4), peers, SHORT))
          .isInstanceOf(CollectiveException.Timeout.class)
          .hasMessageContaining("peer rank 1");
    }
  }

  @Test
  void strangersAreRefusedAndTheGangIsNotDisturbed() throws Exception {
    List<String> events = new CopyOnWriteArrayList<>();
    ExecutorService threads =
        Executors.newFixedThreadPool(4, new NamedThreadFactory("test-connect"));
    try (TcpEndpoint zero = TcpEndpoint.open(Mesh.HOST, CREDENTIALS, events::add);
        TcpEndpoint one = TcpEndpoint.open(Mesh.HOST, CREDENTIALS);
        TcpEndpoint stale = TcpEndpoint.open(Mesh.HOST, Mesh.credentials(3));
        TcpEndpoint stranger = TcpEndpoint.open(Mesh.HOST, Mesh.otherSecret(4));
        Socket http = new Socket(InetAddress.getLoopbackAddress(), zero.port());
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), zero.port())) {
      http.getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: here\r\nUser-Agent: some-browser/1.0\r\n\r\n"
                  .repeat(9)
                  .getBytes(StandardCharsets.US_ASCII));
      try (Socket cut = new Socket(InetAddress.getLoopbackAddress(), zero.port())) {
        cut.getOutputStream().write("BDFH".getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(silent.isConnected()).isTrue();
      List<PeerAddress> peers =
          List.of(
              new PeerAddress(0, Mesh.HOST, zero.port()),
              new PeerAddress(1, Mesh.HOST, one.port()));
      RankContext rank1 = new RankContext(1, 2, 4);
      Future<Transport> zeros =
          threads.submit(() -> zero.connect(new RankContext(0, 2, 4), peers, Mesh.LONG));
      assertThatThrownBy(() -> stale.connect(new RankContext(1, 2, 3), peers, Mesh.LONG))
          .isInstanceOf(CollectiveException.StaleAttempt.class)
          .hasMessageContaining("Attempt 3 must be the running one")
          .hasMessageContaining("is at attempt 4");
      assertThatThrownBy(() -> stranger.connect(rank1, peers, Mesh.LONG))
          .isInstanceOf(CollectiveException.WireFormat.class)
          .hasMessageContaining("knows the secret");
      Future<Transport> ones = threads.submit(() -> one.connect(rank1, peers, Mesh.LONG));
      List<Transport> transports =
          List.of(zeros.get(30, TimeUnit.SECONDS), ones.get(30, TimeUnit.SECONDS));
      RankThreads.runAll(
          transports,
          transport -> {
            int rank = transport.context().rank();
            float[] got = new float[1];
            transport.send(1 - rank, 0, new float[] {rank + 5}, 0, 1);
            transport.receive(1 - rank, 0, got, 0, 1);
            transport.await("exchange");
            assertThat(got[0]).isEqualTo(6 - rank);
          });
    } finally {
      threads.shutdownNow();
    }
    assertThat(events)
        .anyMatch(event -> event.contains("must start with"))
        .anyMatch(event -> event.contains("closed during the handshake"))
        .anyMatch(event -> event.contains("one of attempt 3 that calls itself rank 1"));
    // Ports may have any digits.
    assertThat(String.join("\n", events).replaceAll(":\\d+", "")).doesNotContain("77");
  }

  @Test
  void aDuplicateRankIsRefused() throws Exception {
    List<String> events = new CopyOnWriteArrayList<>();
    ExecutorService threads =
        Executors.newFixedThreadPool(2, new NamedThreadFactory("test-connect"));
    try (TcpEndpoint zero = TcpEndpoint.open(Mesh.HOST, CREDENTIALS, events::add);
        TcpEndpoint one = TcpEndpoint.open(Mesh.HOST, CREDENTIALS);
        TcpEndpoint twin = TcpEndpoint.open(Mesh.HOST, CREDENTIALS)) {
      // Rank 2 never comes, so rank 0 keeps accepting.
      List<PeerAddress> peers =
          List.of(
              new PeerAddress(0, Mesh.HOST, zero.port()),
              new PeerAddress(1, Mesh.HOST, one.port()),
              new PeerAddress(2, Mesh.HOST, 1));
      RankContext rank1 = new RankContext(1, 3, 4);
      Future<Transport> zeros =
          threads.submit(
              () -> zero.connect(new RankContext(0, 3, 4), peers, Duration.ofSeconds(3)));
      Future<Transport> ones =
          threads.submit(() -> one.connect(rank1, peers, Duration.ofSeconds(3)));
      Throwable ofTwin = catchTwin(twin, rank1, peers);
      List<Throwable> thrown = new ArrayList<>();
      thrown.add(cause(zeros));
      thrown.add(cause(ones));
      // One of the two that call themselves rank 1 was refused; which one, the network decides.
      assertThat(List.of(ofTwin, thrown.get(1)))
          .anyMatch(
              e ->
                  e instanceof CollectiveException.WireFormat
                      && e.getMessage().contains("connected already"));
      assertThat(thrown.get(0))
          .isInstanceOf(CollectiveException.Timeout.class)
          .hasMessageContaining("peer rank 2");
    } finally {
      threads.shutdownNow();
    }
    assertThat(events).anyMatch(event -> event.contains("connected already"));
  }

  private static Throwable catchTwin(TcpEndpoint twin, RankContext rank1, List<PeerAddress> peers)
      throws IOException {
    try (Transport transport = twin.connect(rank1, peers, Duration.ofSeconds(3))) {
      throw new AssertionError("rank 2 never came: " + transport);
    } catch (CollectiveException e) {
      return e;
    }
  }

  private static Throwable cause(Future<Transport> future) throws Exception {
    try {
      return new AssertionError("connected: " + future.get(30, TimeUnit.SECONDS));
    } catch (java.util.concurrent.ExecutionException e) {
      return e.getCause();
    }
  }

  @Test
  void aConnectionIsBoundToTheAddressThatWasDialed() throws Exception {
    // The callee was told another port of its own than the one that the caller dials.
    List<String> events = new CopyOnWriteArrayList<>();
    ExecutorService threads =
        Executors.newFixedThreadPool(1, new NamedThreadFactory("test-connect"));
    try (TcpEndpoint zero = TcpEndpoint.open(Mesh.HOST, CREDENTIALS, events::add);
        TcpEndpoint one = TcpEndpoint.open(Mesh.HOST, CREDENTIALS)) {
      PeerAddress second = new PeerAddress(1, Mesh.HOST, one.port());
      Future<Transport> zeros =
          threads.submit(
              () ->
                  zero.connect(
                      new RankContext(0, 2, 4),
                      List.of(new PeerAddress(0, Mesh.HOST, 9), second),
                      Duration.ofSeconds(1)));
      assertThatThrownBy(
              () ->
                  one.connect(
                      new RankContext(1, 2, 4),
                      List.of(new PeerAddress(0, Mesh.HOST, zero.port()), second),
                      Mesh.LONG))
          .isInstanceOf(CollectiveException.WireFormat.class);
      assertThat(cause(zeros)).isInstanceOf(CollectiveException.Timeout.class);
    } finally {
      threads.shutdownNow();
    }
  }
}
