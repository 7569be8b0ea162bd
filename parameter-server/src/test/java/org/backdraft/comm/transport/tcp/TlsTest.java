package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.comm.transport.TlsKey;
import org.backdraft.comm.transport.TlsSettings;
import org.backdraft.comm.transport.Transport;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted connections, with stores that the JDK's own keytool makes. */
@Timeout(60)
class TlsTest {
  private static final String PASSWORD = "test-password";

  @TempDir static Path folder;
  private static Path keys;
  private static Path trusted;
  private static Path otherKeys;
  private static TransportSecurity tls;

  @BeforeAll
  static void makeStores() throws Exception {
    keys = keyStore("ours");
    otherKeys = keyStore("others");
    trusted = folder.resolve("trusted.p12");
    Path certificate = folder.resolve("ours.cer");
    keytool("-exportcert", "-alias", "key", "-keystore", keys, "-file", certificate);
    keytool("-importcert", "-noprompt", "-alias", "ca", "-keystore", trusted, "-file", certificate);
    tls = security(keys, trusted);
  }

  private static Path keyStore(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    keytool(
        "-genkeypair",
        "-alias",
        "key",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-validity",
        "2",
        "-dname",
        "CN=" + name,
        "-keystore",
        store);
    return store;
  }

  private static void keytool(Object... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    for (Object each : arguments) {
      command.add(each.toString());
    }
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    Path log = folder.resolve("keytool.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
  }

  private static TransportSecurity security(Path keyStore, Path trustStore) throws IOException {
    return TransportSecurity.tls(
        new TlsSettings(keyStore, PASSWORD.toCharArray(), trustStore, PASSWORD.toCharArray()));
  }

  @Test
  void theKeyOfAnAttemptEncryptsAndIsTheOnlyOneTrusted() throws Exception {
    TransportSecurity ours = TransportSecurity.of(TlsKey.create());
    RankThreads.runAll(
        Mesh.connect(3, ours),
        transport -> {
          float[] word = {transport.context().rank()};
          new ExactAllReduce(transport, (target, a, source, b, count) -> {})
              .broadcast(2, word, 0, 1, 0);
          assertThat(word[0]).isEqualTo(2);
        });
    TransportSecurity others = TransportSecurity.of(TlsKey.create());
    try (ControlServer server =
        ControlServer.open(
            Mesh.HOST,
            Mesh.HOST,
            Mesh.credentials(0),
            others,
            1,
            1000,
            new ControlServer.Listener() {
              @Override
              public void connected(int rank, MessageChannel channel) {
                channel.close();
              }

              @Override
              public void refused(String reason) {}

              @Override
              public void failed(IOException cause) {}
            })) {
      assertThatThrownBy(
              () ->
                  ControlClient.connect(
                      Mesh.HOST,
                      server.port(),
                      Mesh.credentials(0),
                      ours,
                      0,
                      Duration.ofSeconds(20),
                      1000))
          .isInstanceOf(IOException.class)
          .hasStackTraceContaining("PKIX");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, Link.FRAME_FLOATS + 1, 3_000_001})
  void floatsArriveAsTheyWere(int length) throws Exception {
    RankThreads.runAll(
        Mesh.connect(3, tls),
        transport -> {
          int rank = transport.context().rank();
          float[] mine = new float[length];
          for (int i = 0; i < length; i++) {
            mine[i] = rank + i % 1000;
          }
          for (int round = 0; round < 3; round++) {
            float[][] got = new float[3][length];
            for (int peer = 0; peer < 3; peer++) {
              if (peer != rank) {
                transport.send(peer, round, mine, 0, length);
                transport.receive(peer, round, got[peer], 0, length);
              }
            }
            transport.await("exchange");
            for (int peer = 0; peer < 3; peer++) {
              for (int i = 0; i < length && peer != rank; i++) {
                if (got[peer][i] != peer + i % 1000) {
                  throw new AssertionError("element " + i + " of rank " + peer);
                }
              }
            }
          }
        });
  }

  @Test
  void anAllReduceSums() throws Exception {
    RankThreads.runAll(
        Mesh.connect(2, tls),
        transport -> {
          ExactAllReduce collectives =
              new ExactAllReduce(
                  transport,
                  (target, targetBase, source, sourceBase, count) -> {
                    for (int i = 0; i < count; i++) {
                      target[targetBase + i] += source[sourceBase + i];
                    }
                  });
          for (int length : new int[] {1, 100_000}) {
            float[][] sums = new float[1][length];
            Arrays.fill(sums[0], transport.context().rank() + 1);
            collectives.allReduce(new Leaves(2), sums, 0, length, 1);
            assertThat(sums[0]).containsOnly(3);
            collectives.barrier(1);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 39, 1000})
  void bytesMayComeInSlices(int sliceBytes) throws Exception {
    try (FaultyProxy proxy = new FaultyProxy().slices(sliceBytes)) {
      List<Throwable> thrown = sendFromRank1(Mesh.through(proxy, Mesh.LONG, 1, tls));
      assertThat(thrown).containsOnlyNulls();
    }
  }

  @Test
  void aFlippedByteIsFoundByTls() throws Exception {
    try (FaultyProxy proxy = new FaultyProxy().flipAt(6000)) {
      List<Throwable> thrown = sendFromRank1(Mesh.through(proxy, Mesh.LONG, 1, tls));
      assertThat(thrown.get(0))
          .isInstanceOf(CollectiveException.PeerLost.class)
          .hasMessageContaining("rank 0 of 2 (attempt 0) in test at step 17")
          .hasStackTraceContaining("javax.net.ssl.SSLException");
    }
  }

  @Test
  void aConnectionThatFallsSilentIsATimeout() throws Exception {
    Duration deadline = Duration.ofMillis(300);
    try (FaultyProxy proxy = new FaultyProxy().stallAt(6000)) {
      List<Throwable> thrown = sendFromRank1(Mesh.through(proxy, deadline, 1, tls));
      assertThat(thrown.get(0)).isInstanceOf(CollectiveException.Timeout.class);
    }
  }

  private static List<Throwable> sendFromRank1(List<Transport> transports) throws Exception {
    return RankThreads.run(
        transports,
        transport -> {
          float[] values = new float[4096];
          if (transport.context().rank() == 0) {
            transport.receive(1, 17, values, 0, values.length);
            transport.await("test");
            transport.send(1, 18, values, 0, 1);
          } else {
            transport.send(0, 17, values, 0, values.length);
            transport.await("test");
            transport.receive(0, 18, values, 0, 1);
          }
          transport.await("end");
        });
  }

  @Test
  void controlChannelsCarryMessages() throws Exception {
    BlockingQueue<MessageChannel> guests = new ArrayBlockingQueue<>(4);
    try (ControlServer server = control(tls, guests, new CopyOnWriteArrayList<>());
        MessageChannel client = client(server, tls, Mesh.credentials(0), Mesh.LONG);
        MessageChannel guest = guests.poll(10, TimeUnit.SECONDS)) {
      for (int bytes : new int[] {0, 1, 16_384, 100_000, 3_000_000}) {
        byte[] payload = new byte[bytes];
        Arrays.fill(payload, (byte) 9);
        for (MessageChannel[] way : new MessageChannel[][] {{client, guest}, {guest, client}}) {
          Thread sender =
              new Thread(
                  () -> {
                    try {
                      way[0].send(new Message(7, bytes, payload), Mesh.LONG);
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
          sender.start();
          Message message = way[1].receive(Mesh.LONG);
          sender.join(10_000);
          assertThat(message.payload()).isEqualTo(payload);
          assertThat(message.type()).isEqualTo(7);
        }
      }
    }
  }

  @Test
  void aCertificateThatNobodyVouchesForIsNamedAtOnce() throws Exception {
    List<String> refusals = new CopyOnWriteArrayList<>();
    long startNanos = System.nanoTime();
    List<Throwable> thrown =
        connectTwo(security(otherKeys, trusted), tls, Duration.ofSeconds(3), refusals);
    assertThat(thrown.get(1))
        .isInstanceOf(CollectiveException.WireFormat.class)
        .hasMessageContaining(
            "must speak TLS 1.3 and present a certificate that the trust store of rank 1")
        .hasMessageContaining(Mesh.HOST);
    assertThat(thrown.get(0))
        .isInstanceOf(CollectiveException.Timeout.class)
        .hasMessageContaining("peer rank 1");
    assertThat(refusals).isNotEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void oneEndWithoutTlsIsAnErrorInTime() throws Exception {
    Duration timeout = Duration.ofMillis(700);
    for (TransportSecurity[] ends :
        new TransportSecurity[][] {
          {tls, TransportSecurity.plain()}, {TransportSecurity.plain(), tls}
        }) {
      List<String> refusals = new CopyOnWriteArrayList<>();
      long startNanos = System.nanoTime();
      List<Throwable> thrown = connectTwo(ends[0], ends[1], timeout, refusals);
      assertThat(thrown.get(0)).isInstanceOf(CollectiveException.class);
      assertThat(thrown.get(1))
          .isInstanceOf(CollectiveException.class)
          .hasMessageContaining("rank 1");
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
          .isLessThan(timeout.multipliedBy(2).plusSeconds(1));
      assertThat(refusals).isNotEmpty();
    }
  }

  /** What becomes of rank 0, who listens, and of rank 1, who dials. */
  private static List<Throwable> connectTwo(
      TransportSecurity callee, TransportSecurity caller, Duration timeout, List<String> refusals)
      throws Exception {
    List<TcpEndpoint> endpoints =
        List.of(
            TcpEndpoint.open(Mesh.HOST, Mesh.credentials(0), callee, refusals::add),
            TcpEndpoint.open(Mesh.HOST, Mesh.credentials(0), caller, event -> {}));
    List<PeerAddress> peers = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      peers.add(new PeerAddress(rank, Mesh.HOST, endpoints.get(rank).port()));
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(2, new NamedThreadFactory("test-connect"));
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int rank = 0; rank < 2; rank++) {
        RankContext context = new RankContext(rank, 2, 0);
        TcpEndpoint endpoint = endpoints.get(rank);
        futures.add(
            threads.submit(
                () -> {
                  endpoint.connect(context, peers, timeout).close();
                  return null;
                }));
      }
      List<Throwable> thrown = new ArrayList<>();
      for (Future<?> future : futures) {
        thrown.add(failure(future));
      }
      return thrown;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Throwable failure(Future<?> future) throws InterruptedException, TimeoutException {
    try {
      future.get(20, TimeUnit.SECONDS);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Test
  void theSecretIsProvedInsideTls() throws Exception {
    List<String> refusals = new CopyOnWriteArrayList<>();
    try (ControlServer server = control(tls, new ArrayBlockingQueue<>(4), refusals)) {
      Credentials wrong = Mesh.otherSecret(0);
      assertThatThrownBy(() -> client(server, tls, wrong, Duration.ofSeconds(5)))
          .isInstanceOf(CollectiveException.WireFormat.class)
          .hasMessageContaining("must prove that it knows the secret");
    }
  }

  @Test
  void anOlderVersionOfTlsIsRefused() throws Exception {
    List<String> refusals = new CopyOnWriteArrayList<>();
    try (ControlServer server = control(tls, new ArrayBlockingQueue<>(4), refusals)) {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Gullible()}, null);
      try (SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(Mesh.HOST, server.port())) {
        socket.setSoTimeout(10_000);
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        assertThatThrownBy(socket::startHandshake)
            .isInstanceOf(IOException.class)
            .hasMessageContaining("protocol_version");
      }
      try (SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(Mesh.HOST, server.port())) {
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      }
      assertThat(refusals).anyMatch(reason -> reason.contains("TLSv1.2"));
    }
  }

  /** Of a client that only wants to know which versions are spoken. */
  private static final class Gullible implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authentication) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authentication) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Test
  void aListenerThatSaysNothingIsATimeout() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
      long startNanos = System.nanoTime();
      assertThatThrownBy(
              () ->
                  ControlClient.connect(
                      Mesh.HOST,
                      silent.getLocalPort(),
                      Mesh.credentials(0),
                      tls,
                      0,
                      Duration.ofMillis(500),
                      1000))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("must answer rank 0 in time");
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
          .isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void storesThatDoNotServeAreNamed() throws Exception {
    assertThatThrownBy(() -> security(folder.resolve("none.p12"), trusted))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.p12 is not");
    assertThatThrownBy(() -> security(trusted, trusted))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("must hold a private key: " + trusted);
    TlsSettings wrong =
        new TlsSettings(keys, "wrong-one".toCharArray(), trusted, PASSWORD.toCharArray());
    assertThatThrownBy(() -> TransportSecurity.tls(wrong))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(keys + " is not");
    assertThat(wrong.toString()).doesNotContain("wrong-one").doesNotContain(PASSWORD);
  }

  private static ControlServer control(
      TransportSecurity security, BlockingQueue<MessageChannel> guests, List<String> refusals)
      throws IOException {
    return ControlServer.open(
        Mesh.HOST,
        Mesh.HOST,
        Mesh.credentials(0),
        security,
        1,
        TcpMessageChannel.MAX_PAYLOAD_BYTES,
        new ControlServer.Listener() {
          @Override
          public void connected(int rank, MessageChannel channel) {
            guests.add(channel);
          }

          @Override
          public void refused(String reason) {
            refusals.add(reason);
          }

          @Override
          public void failed(IOException cause) {
            refusals.add("failed: " + cause);
          }
        });
  }

  private static MessageChannel client(
      ControlServer server, TransportSecurity security, Credentials credentials, Duration timeout)
      throws IOException {
    return ControlClient.connect(
        Mesh.HOST,
        server.port(),
        credentials,
        security,
        0,
        timeout,
        TcpMessageChannel.MAX_PAYLOAD_BYTES);
  }
}
