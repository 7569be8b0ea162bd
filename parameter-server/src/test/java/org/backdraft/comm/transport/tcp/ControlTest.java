package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.concurrent.NamedThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@SuppressWarnings("try") // closing early, and only connecting, is what some tests test
class ControlTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Credentials CREDENTIALS = Mesh.credentials(6);
  private static final int MAX_PAYLOAD = 1 << 20;

  private final Guests guests = new Guests();
  private ControlServer server;

  /** Keeps what the server tells. */
  private static final class Guests implements ControlServer.Listener {
    private final BlockingQueue<MessageChannel> channels = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> ranks = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> refusals = new LinkedBlockingQueue<>();
    private final BlockingQueue<IOException> failures = new LinkedBlockingQueue<>();

    @Override
    public void connected(int rank, MessageChannel channel) {
      ranks.add(rank);
      channels.add(channel);
    }

    @Override
    public void refused(String reason) {
      refusals.add(reason);
    }

    @Override
    public void failed(IOException cause) {
      failures.add(cause);
    }

    MessageChannel nextChannel() throws InterruptedException {
      return next(channels);
    }

    void expectRefusal(String part) throws InterruptedException {
      // On a busy machine a worker's own first try may have been refused for being slow.
      String refusal;
      do {
        refusal = next(refusals);
      } while (!refusal.contains(part));
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
      T next = queue.poll(30, TimeUnit.SECONDS);
      assertThat(next).as("something happens").isNotNull();
      return next;
    }
  }

  @BeforeEach
  void open() throws IOException {
    server =
        ControlServer.open(
            Mesh.HOST,
            Mesh.HOST,
            CREDENTIALS,
            TransportSecurity.plain(),
            3,
            MAX_PAYLOAD,
            guests,
            TimeUnit.SECONDS.toNanos(2));
  }

  @AfterEach
  void close() {
    server.close();
    assertThat(guests.failures).isEmpty();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("backdraft-control-accept"));
  }

  private MessageChannel connect(int rank) throws IOException {
    return ControlClient.connect(
        Mesh.HOST, server.port(), CREDENTIALS, rank, Mesh.LONG, MAX_PAYLOAD);
  }

  private Socket stranger() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), server.port());
  }

  /** The server still lets a worker in and carries its messages. */
  private void assertServes(int rank) throws Exception {
    try (MessageChannel client = connect(rank);
        MessageChannel channel = guests.nextChannel()) {
      assertThat(guests.ranks.take()).isEqualTo(rank);
      client.send(message(9, 1, 2, 3), Mesh.LONG);
      Message got = channel.receive(Mesh.LONG);
      assertThat(got.type()).isEqualTo(9);
      assertThat(got.payload()).containsExactly(1, 2, 3);
    }
  }

  private static Message message(int type, int... bytes) {
    byte[] payload = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      payload[i] = (byte) bytes[i];
    }
    return new Message(type, 12, payload);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65495, 65496, 65497, MAX_PAYLOAD - 1, MAX_PAYLOAD})
  void messagesGoBothWays(int length) throws Exception {
    byte[] payload = new byte[length];
    new Random(length).nextBytes(payload);
    ExecutorService threads =
        Executors.newFixedThreadPool(1, new NamedThreadFactory("test-sender"));
    try (MessageChannel client = connect(2);
        MessageChannel channel = guests.nextChannel()) {
      for (MessageChannel[] fromTo :
          new MessageChannel[][] {{client, channel}, {channel, client}}) {
        // Longer than what the sockets hold, so sender and receiver must run together.
        Future<?> sent =
            threads.submit(
                () -> {
                  fromTo[0].send(new Message(255, Long.MIN_VALUE, payload), Mesh.LONG);
                  return null;
                });
        Message got = fromTo[1].receive(Mesh.LONG);
        assertThat(got.type()).isEqualTo(255);
        assertThat(got.step()).isEqualTo(Long.MIN_VALUE);
        assertThat(got.payload()).isEqualTo(payload);
        sent.get(30, TimeUnit.SECONDS);
      }
      assertThat(channel.remote()).startsWith("127.0.0.1:");
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void severalThreadsMaySend() throws Exception {
    int senders = 4;
    int each = 200;
    ExecutorService threads =
        Executors.newFixedThreadPool(senders, new NamedThreadFactory("test-sender"));
    try (MessageChannel client = connect(0);
        MessageChannel channel = guests.nextChannel()) {
      for (int sender = 0; sender < senders; sender++) {
        int type = sender;
        Future<?> unused =
            threads.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    client.send(new Message(type, i, new byte[i * 7]), Mesh.LONG);
                  }
                  return null;
                });
      }
      long[] next = new long[senders];
      for (int i = 0; i < senders * each; i++) {
        Message got = channel.receive(Mesh.LONG);
        assertThat(got.step()).isEqualTo(next[got.type()]++);
        assertThat(got.payload()).hasSize((int) got.step() * 7);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aReceiveThatTimesOutLeavesTheChannelAlive() throws Exception {
    try (MessageChannel client = connect(0);
        MessageChannel channel = guests.nextChannel()) {
      assertThatThrownBy(() -> channel.receive(SHORT))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining(channel.remote());
      client.send(message(1, 5), Mesh.LONG);
      assertThat(channel.receive(Mesh.LONG).payload()).containsExactly(5);
    }
  }

  @Test
  void aMessageMayComeInPiecesAcrossTimeouts() throws Exception {
    try (RawClient client = new RawClient(server.port(), 1);
        MessageChannel channel = guests.nextChannel()) {
      byte[] payload = {1, 2, 3, 4, 5};
      ByteBuffer frame = Frames.message(CREDENTIALS, 3, payload);
      int[] cuts = {0, 17, 40, 43, 45};
      for (int i = 1; i < cuts.length; i++) {
        client.write(frame.duplicate().limit(cuts[i]).position(cuts[i - 1]));
        if (i + 1 < cuts.length) {
          assertThatThrownBy(() -> channel.receive(Duration.ofMillis(20)))
              .isInstanceOf(SocketTimeoutException.class);
        }
      }
      assertThat(channel.receive(Mesh.LONG).payload()).containsExactly(payload);
    }
  }

  @Test
  void aSendThatNobodyReadsFailsInTimeAndEndsTheChannel() throws Exception {
    try (MessageChannel client = connect(0);
        MessageChannel channel = guests.nextChannel()) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  client.send(new Message(1, i, new byte[MAX_PAYLOAD]), SHORT);
                }
              })
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining("took no bytes in time");
      assertThatThrownBy(() -> client.send(message(1), SHORT)).isInstanceOf(IOException.class);
      assertThat(channel.remote()).isNotEmpty();
    }
  }

  @Test
  void whatIsNoMessageIsRefusedBeforeItIsSent() throws Exception {
    try (MessageChannel client = connect(0)) {
      for (Message wrong :
          List.of(
              new Message(256, 0, new byte[0]),
              new Message(-1, 0, new byte[0]),
              new Message(0, 0, new byte[MAX_PAYLOAD + 1]))) {
        assertThatThrownBy(() -> client.send(wrong, SHORT))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("at most 1048576 bytes");
      }
    }
  }

  @Test
  void oversizedDamagedOrStaleFramesEndTheirChannelAlone() throws Exception {
    ByteBuffer damaged = Frames.message(CREDENTIALS, 3, new byte[] {1, 2, 3});
    damaged.put(42, (byte) 77);
    Object[][] cases = {
      {Frames.header(CREDENTIALS, FrameCodec.KIND_MESSAGE, MAX_PAYLOAD + 1), "length must lie"},
      {Frames.header(CREDENTIALS, FrameCodec.KIND_MESSAGE, Integer.MIN_VALUE), "length must lie"},
      {Frames.header(CREDENTIALS, FrameCodec.KIND_FLOATS, 4), "kind must be"},
      {damaged, "payload CRC32C"},
      {Frames.message(Mesh.credentials(5), 3), "attempt 6: got run"},
    };
    try (MessageChannel other = connect(2);
        MessageChannel othersChannel = guests.nextChannel()) {
      for (Object[] wrong : cases) {
        try (RawClient client = new RawClient(server.port(), 1);
            MessageChannel channel = guests.nextChannel()) {
          client.write((ByteBuffer) wrong[0]);
          assertThatThrownBy(() -> channel.receive(Mesh.LONG))
              .isInstanceOf(CollectiveException.class)
              .hasMessageContaining((String) wrong[1]);
          assertThatThrownBy(() -> channel.receive(Mesh.LONG)).isInstanceOf(IOException.class);
        }
      }
      other.send(message(4), Mesh.LONG);
      assertThat(othersChannel.receive(Mesh.LONG).type()).isEqualTo(4);
    }
  }

  @Test
  void aClientThatGoesInTheMiddleOfAMessageIsNoticed() throws Exception {
    try (RawClient client = new RawClient(server.port(), 1);
        MessageChannel channel = guests.nextChannel()) {
      client.write(Frames.message(CREDENTIALS, 3, new byte[100]).limit(70));
      client.close();
      assertThatThrownBy(() -> channel.receive(Mesh.LONG))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("in the middle of a message");
    }
    assertServes(1);
  }

  @Test
  void anotherProgramIsRefused() throws Exception {
    try (Socket http = stranger()) {
      OutputStream out = http.getOutputStream();
      out.write("GET / HTTP/1.1\r\nHost: h\r\n".repeat(8).getBytes(StandardCharsets.US_ASCII));
      guests.expectRefusal("must start with");
    }
    assertServes(0);
  }

  @Test
  void aWrongSecretIsRefusedAtBothEnds() throws Exception {
    assertThatThrownBy(
            () ->
                ControlClient.connect(
                    Mesh.HOST, server.port(), Mesh.otherSecret(6), 0, Mesh.LONG, MAX_PAYLOAD))
        .isInstanceOf(CollectiveException.WireFormat.class)
        .hasMessageContaining("knows the secret");
    // A caller that skips its own check does not get in either.
    try (RawClient forger = RawClient.forger(server.port(), 1)) {
      guests.expectRefusal("closed during the handshake");
      guests.expectRefusal("wrong proof from one that calls itself rank 1");
    }
    assertServes(0);
  }

  @Test
  void anOldAttemptIsRefusedAndLearnsIt() throws Exception {
    assertThatThrownBy(
            () ->
                ControlClient.connect(
                    Mesh.HOST, server.port(), Mesh.credentials(5), 0, Mesh.LONG, MAX_PAYLOAD))
        .isInstanceOf(CollectiveException.StaleAttempt.class)
        .hasMessageContaining("Attempt 5");
    guests.expectRefusal("one of attempt 5");
    assertServes(0);
  }

  @Test
  void aReplayedHandshakeIsRefused() throws Exception {
    byte[] recorded;
    try (RawClient client = new RawClient(server.port(), 1);
        MessageChannel channel = guests.nextChannel()) {
      recorded = client.recorded();
      assertThat(channel.remote()).isNotEmpty();
    }
    try (Socket replay = stranger()) {
      replay.getOutputStream().write(recorded);
      guests.expectRefusal("wrong proof");
    }
    assertServes(1);
  }

  @Test
  void aRankIsLetInOnceAtATimeAndOnlyIfThereIsOne() throws Exception {
    try (MessageChannel first = connect(1);
        MessageChannel channel = guests.nextChannel()) {
      assertThatThrownBy(() -> connect(1))
          .isInstanceOf(CollectiveException.WireFormat.class)
          .hasMessageContaining("refused rank 1");
      assertThatThrownBy(() -> connect(3)).hasMessageContaining("refused rank 3");
      first.send(message(1), Mesh.LONG);
      assertThat(channel.receive(Mesh.LONG).type()).isEqualTo(1);
    }
    guests.ranks.clear();
    assertServes(1); // after the first has gone
  }

  @Test
  void aSlowHandshakeIsCutOff() throws Exception {
    try (Socket slow = stranger()) {
      slow.getOutputStream().write('B');
      guests.expectRefusal("no handshake within the time limit");
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
    }
    assertServes(0);
  }

  @Test
  void aFloodOfConnectionsDoesNotKeepAWorkerOut() throws Exception {
    flood(1_000);
  }

  @Test
  @Tag("full")
  void tenThousandConnectionsDoNotKeepAWorkerOut() throws Exception {
    flood(10_000);
  }

  private void flood(int connections) throws Exception {
    CountDownLatch half = new CountDownLatch(connections / 2);
    ExecutorService threads = Executors.newFixedThreadPool(1, new NamedThreadFactory("test-flood"));
    try {
      Future<?> flood =
          threads.submit(
              () -> {
                List<Socket> sockets = new ArrayList<>();
                try {
                  for (int i = 0; i < connections; i++) {
                    sockets.add(stranger());
                    half.countDown();
                  }
                } finally {
                  for (Socket socket : sockets) {
                    socket.close();
                  }
                }
                return null;
              });
      assertThat(half.await(50, TimeUnit.SECONDS)).isTrue();
      assertServes(0);
      flood.get(50, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
    // Told, but not once for each.
    assertThat(guests.refusals).hasSizeLessThan(60).anyMatch(line -> line.contains("more than 64"));
    assertServes(1);
  }

  @Test
  void aWorkerGetsInAfterThoseThatOnlyKnowTheRun() throws Exception {
    List<Socket> knowing = new ArrayList<>();
    try {
      ByteBuffer hello = ByteBuffer.allocate(Hello.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      new Hello(Hello.CONTROL, 0, CREDENTIALS.runId(), 6, 1, Hello.DRIVER, Proof.nonce())
          .write(hello);
      byte[] bytes = new byte[Hello.BYTES];
      hello.get(0, bytes);
      for (int i = 0; i < 2 * Gate.MAX_HALF_OPEN; i++) {
        Socket socket = stranger();
        socket.getOutputStream().write(bytes);
        knowing.add(socket);
      }
      assertServes(0);
    } finally {
      for (Socket socket : knowing) {
        socket.close();
      }
    }
  }

  @Test
  void aLargeGangMayArriveAtOnce() throws Exception {
    int worldSize = 2 * Gate.MAX_HALF_OPEN;
    ExecutorService threads =
        Executors.newFixedThreadPool(worldSize, new NamedThreadFactory("test-arrival"));
    List<Future<MessageChannel>> clients = new ArrayList<>();
    try (ControlServer large = ControlServer.open(Mesh.HOST, CREDENTIALS, worldSize, guests)) {
      for (int rank = 0; rank < worldSize; rank++) {
        int each = rank;
        clients.add(
            threads.submit(
                () ->
                    ControlClient.connect(Mesh.HOST, large.port(), CREDENTIALS, each, Mesh.LONG)));
      }
      for (Future<MessageChannel> client : clients) {
        client.get(50, TimeUnit.SECONDS).close();
      }
      Set<Integer> ranks = new HashSet<>();
      for (int i = 0; i < worldSize; i++) {
        ranks.add(Guests.next(guests.ranks));
      }
      assertThat(ranks).hasSize(worldSize);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void closingTheServerEndsItsChannels() throws Exception {
    try (MessageChannel client = connect(0)) {
      MessageChannel channel = guests.nextChannel();
      server.close();
      assertThatThrownBy(() -> client.receive(Mesh.LONG)).isInstanceOf(EOFException.class);
      assertThatThrownBy(() -> channel.receive(Mesh.LONG)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> channel.send(message(1), SHORT)).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> ControlClient.connect(Mesh.HOST, server.port(), CREDENTIALS, 0, SHORT))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("rank 0 in time");
  }

  @Test
  void closingAChannelWakesItsReceiver() throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(1, new NamedThreadFactory("test-receiver"));
    try (MessageChannel client = connect(0)) {
      Future<Message> received = threads.submit(() -> client.receive(Mesh.LONG));
      client.close();
      assertThatThrownBy(() -> received.get(20, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IOException.class);
    } finally {
      threads.shutdownNow();
    }
  }

  /** A client that shakes hands by the book, with a blocking socket, and keeps what it sent. */
  private static final class RawClient implements AutoCloseable {
    private final SocketChannel channel;
    private final ByteBuffer sent = ByteBuffer.allocate(128);

    RawClient(int port, int rank) throws IOException {
      this(port, rank, CREDENTIALS);
      ByteBuffer verdict = read(Handshake.VERDICT_BYTES);
      assertThat(verdict.get(4)).isEqualTo(Handshake.ACCEPTED);
    }

    private RawClient(int port, int rank, Credentials credentials) throws IOException {
      channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      Hello hello =
          new Hello(
              Hello.CONTROL,
              0,
              credentials.runId(),
              credentials.attempt(),
              rank,
              Hello.DRIVER,
              Proof.nonce());
      ByteBuffer out = ByteBuffer.allocate(Hello.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      hello.write(out);
      send(out.flip());
      byte[] nonce = new byte[Hello.NONCE_BYTES];
      read(Handshake.CHALLENGE_BYTES).get(12, nonce);
      send(
          ByteBuffer.wrap(
              Proof.of(credentials, Proof.CALLER, hello, nonce, Mesh.HOST + ":" + port)));
    }

    /** Knows run and attempt but not the secret. */
    static RawClient forger(int port, int rank) throws IOException {
      return new RawClient(port, rank, Mesh.otherSecret(6));
    }

    private void send(ByteBuffer bytes) throws IOException {
      sent.put(bytes.duplicate());
      write(bytes);
    }

    void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    private ByteBuffer read(int bytes) throws IOException {
      ByteBuffer in = ByteBuffer.allocate(bytes);
      while (in.hasRemaining()) {
        assertThat(channel.read(in)).isPositive();
      }
      return in.flip();
    }

    byte[] recorded() {
      byte[] bytes = new byte[sent.position()];
      sent.get(0, bytes);
      return bytes;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
