package org.backdraft.comm.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.comm.transport.tcp.Mesh;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A float is moved as its bits, also where these are those of a NaN. */
@Timeout(60)
class BitPatternsTest {
  private static final int COUNT = 1 << 17;

  /** Every upper half; signalling and quiet NaN of both signs with many payloads among them. */
  private static int bits(int i) {
    return i < 1 << 16 ? (i << 16) | ((i * 40503) & 0xffff) : 0x7f800000 | ((i * 0x9e3779b1) >>> 9);
  }

  @Test
  void memoryMovesEveryBitPattern() throws Exception {
    LocalGang gang = new LocalGang(2, 0, Duration.ofSeconds(30));
    check(List.of(gang.join(0), gang.join(1)));
  }

  @Test
  void tcpMovesEveryBitPattern() throws Exception {
    check(Mesh.connect(2));
  }

  private static void check(List<Transport> transports) throws Exception {
    RankThreads.runAll(
        transports,
        transport -> {
          // Ranges of few floats may take another way through a transport than long ones.
          for (int length : new int[] {1, 3, 8, COUNT}) {
            float[] sent = new float[COUNT];
            for (int i = 0; i < COUNT; i++) {
              sent[i] = Float.intBitsToFloat(bits(i));
            }
            float[] received = new float[COUNT];
            int peer = 1 - transport.context().rank();
            for (int at = 0; at < (length == COUNT ? COUNT : 4096); at += length) {
              int from = length == COUNT ? 0 : 32 * at; // through all of the exponents
              transport.send(peer, 7, sent, from, from + Math.min(length, COUNT - from));
              transport.receive(peer, 7, received, from, from + Math.min(length, COUNT - from));
              transport.await("bit patterns");
              for (int i = from; i < Math.min(COUNT, from + length); i++) {
                if (Float.floatToRawIntBits(received[i]) != bits(i)) {
                  assertThat(Float.floatToRawIntBits(received[i])).isEqualTo(bits(i));
                }
              }
            }
          }
        });
  }
}
