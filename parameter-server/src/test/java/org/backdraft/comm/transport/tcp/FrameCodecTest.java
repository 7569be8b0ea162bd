package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Credentials;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class FrameCodecTest {
  private static final Credentials CREDENTIALS = Mesh.credentials(2);

  @Test
  void whatIsWrittenIsRead() throws Exception {
    ByteBuffer frame = Frames.message(CREDENTIALS, 200, (byte) 1, (byte) 2, (byte) 3);
    FrameCodec codec = Frames.codec(CREDENTIALS, FrameCodec.KIND_MESSAGE);
    codec.read(frame, 0);
    assertThat(codec.type()).isEqualTo(200);
    assertThat(codec.length()).isEqualTo(3);
    codec.checkPayload(codec.checksum(frame.clear(), FrameCodec.HEADER_BYTES, 3));
  }

  @Test
  void theLayoutIsTheDocumentedOne() {
    ByteBuffer frame = Frames.floats(CREDENTIALS, 0x0102030405060708L, 1.0f);
    assertThat(new String(Frames.bytes(frame), 0, 4, StandardCharsets.US_ASCII)).isEqualTo("BDFT");
    assertThat(frame.get(4)).isEqualTo((byte) 1);
    assertThat(frame.getLong(8)).isEqualTo(CREDENTIALS.runId());
    assertThat(frame.getInt(16)).isEqualTo(2);
    assertThat(frame.getLong(20)).isEqualTo(0x0102030405060708L);
    assertThat(frame.getInt(28)).isEqualTo(4);
    assertThat(frame.getFloat(40)).isEqualTo(1.0f);
  }

  @Test
  void everyFlippedBitOfAHeaderIsFound() {
    ByteBuffer frame = Frames.floats(CREDENTIALS, 9, 1.0f, 2.0f);
    FrameCodec codec = Frames.codec(CREDENTIALS, FrameCodec.KIND_FLOATS);
    for (int bit = 0; bit < FrameCodec.HEADER_BYTES * 8; bit++) {
      // The payload's checksum is compared later, but the header's covers it too.
      frame.clear();
      frame.put(bit / 8, (byte) (frame.get(bit / 8) ^ 1 << bit % 8));
      assertThatThrownBy(() -> codec.read(frame, 0))
          .as("bit %d", bit)
          .isInstanceOf(CollectiveException.WireFormat.class);
      frame.put(bit / 8, (byte) (frame.get(bit / 8) ^ 1 << bit % 8));
    }
  }

  @Test
  void everyFlippedBitOfAPayloadIsFound() throws Exception {
    ByteBuffer frame = Frames.floats(CREDENTIALS, 9, 1.0f, 2.0f);
    FrameCodec codec = Frames.codec(CREDENTIALS, FrameCodec.KIND_FLOATS);
    codec.read(frame.clear(), 0);
    for (int bit = 0; bit < 64; bit++) {
      int at = FrameCodec.HEADER_BYTES + bit / 8;
      frame.put(at, (byte) (frame.get(at) ^ 1 << bit % 8));
      int checksum = codec.checksum(frame.clear(), FrameCodec.HEADER_BYTES, 8);
      assertThatThrownBy(() -> codec.checkPayload(checksum))
          .isInstanceOf(CollectiveException.WireFormat.class)
          .hasMessageContaining("payload CRC32C");
      frame.put(at, (byte) (frame.get(at) ^ 1 << bit % 8));
    }
  }

  @Test
  void framesOfAnotherAttemptOrRunAreStale() {
    FrameCodec codec = Frames.codec(CREDENTIALS, FrameCodec.KIND_FLOATS);
    Credentials otherRun = new Credentials(1, 2, new byte[32]);
    for (Credentials stale : new Credentials[] {Mesh.credentials(1), otherRun}) {
      assertThatThrownBy(() -> codec.read(Frames.floats(stale, 0, 1.0f), 0))
          .isInstanceOf(CollectiveException.StaleAttempt.class)
          .hasMessageContaining("attempt 2: got run");
    }
  }

  @Test
  void lengthsOutOfRangeAreRefused() {
    FrameCodec codec = Frames.codec(CREDENTIALS, FrameCodec.KIND_FLOATS);
    for (int length : new int[] {-1, Integer.MIN_VALUE, (1 << 20) + 1, Integer.MAX_VALUE}) {
      assertThatThrownBy(
              () -> codec.read(Frames.header(CREDENTIALS, FrameCodec.KIND_FLOATS, length), 0))
          .isInstanceOf(CollectiveException.WireFormat.class)
          .hasMessageContaining("[0, 1048576] bytes: got " + length);
    }
  }

  @Test
  void randomHeadersNeverPassAndOnlyOurExceptionsCome() {
    readRandomHeaders(Long.getLong("tests.seed", 8L), 50_000);
  }

  @Test
  @Tag("full")
  void manyRandomHeadersNeverPass() {
    long seed = Long.getLong("tests.seed", System.nanoTime());
    System.out.println("frame headers: -Dtests.seed=" + seed);
    readRandomHeaders(seed, 20_000_000);
  }

  private static void readRandomHeaders(long seed, int rounds) {
    Random random = new Random(seed);
    ByteBuffer good = Frames.floats(CREDENTIALS, 3, 5.0f);
    FrameCodec codec = Frames.codec(CREDENTIALS, FrameCodec.KIND_FLOATS);
    for (int round = 0; round < rounds; round++) {
      byte[] start = Frames.bytes(good);
      if (random.nextBoolean()) {
        random.nextBytes(start);
      }
      ByteBuffer bytes = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
      // A good start and damage behind it gets deeper into the checks.
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(FrameCodec.HEADER_BYTES);
        bytes.put(at, (byte) (bytes.get(at) + 1 + random.nextInt(255)));
      }
      try {
        codec.read(bytes, 0);
        // Two changes of one byte can cancel; then the header must be the good one.
        assertThat(bytes.clear().limit(40))
            .as("-Dtests.seed=%d round %d", seed, round)
            .isEqualTo(good.clear().limit(40));
      } catch (CollectiveException expected) {
        assertThat(expected.getMessage()).isNotEmpty();
      }
    }
  }
}
