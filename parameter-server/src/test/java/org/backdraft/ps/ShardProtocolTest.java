package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.backdraft.comm.transport.Message;
import org.junit.jupiter.api.Test;

class ShardProtocolTest {
  private static final long SEED = Long.getLong("tests.seed", 20260707L);

  private static Message push() {
    Push name = new Push(3, 2, 1, 17, 5, 4, new int[] {0, 8}, null, null);
    return ShardProtocol.push(99, name, new float[] {0, 1, 2, 3, 4}, 1, 5, new float[] {7, 8, 9});
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    ShardProtocol.Request request = ShardProtocol.request(push());
    assertThat(request.number()).isEqualTo(99);
    assertThat(request.push().epoch()).isEqualTo(3);
    assertThat(request.push().worker()).isEqualTo(2);
    assertThat(request.push().incarnation()).isEqualTo(1);
    assertThat(request.push().clock()).isEqualTo(17);
    assertThat(request.push().block()).isEqualTo(5);
    assertThat(request.push().sequence()).isEqualTo(4);
    assertThat(request.push().rows()).containsExactly(0, 8);
    assertThat(request.push().values()).containsExactly(1, 2, 3, 4);
    assertThat(request.push().totals()).containsExactly(7, 8, 9);
    for (Answer answer :
        new Answer[] {
          Answer.ACCEPTED,
          Answer.joined(5),
          Answer.values(6, new float[] {1, 2}),
          Answer.notYet(3, 4),
          Answer.busy(9, 2),
          Answer.measures(new double[] {1, Double.MIN_VALUE}),
          Answer.refused("so")
        }) {
      Message message = ShardProtocol.answer(12, 1, answer);
      assertThat(ShardProtocol.number(message)).isEqualTo(12);
      assertThat(ShardProtocol.answer(message)).usingRecursiveComparison().isEqualTo(answer);
    }
  }

  @Test
  void roundsAreReadAsWritten() throws Exception {
    ShardProtocol.Request measures =
        ShardProtocol.request(ShardProtocol.measures(98, 3, 2, 1, 17, 5, 400, 1));
    assertThat(measures.block()).isEqualTo(5);
    assertThat(measures.waitMillis()).isEqualTo(400);
    assertThat(measures.round()).isEqualTo(1);
    ShardProtocol.Request settle =
        ShardProtocol.request(
            ShardProtocol.settle(99, 3, 2, 1, 18, 1, new double[] {Math.PI, -0.0}));
    assertThat(settle.clock()).isEqualTo(18);
    assertThat(settle.round()).isEqualTo(1);
    assertThat(settle.known()).containsExactly(Math.PI, -0.0);
  }

  @Test
  void whatEndsEarlyOrLateIsRefused() {
    byte[] bytes = push().payload();
    for (int length = 0; length <= bytes.length + 1; length++) {
      if (length != bytes.length) {
        Message cut = new Message(ShardProtocol.PUSH, 17, Arrays.copyOf(bytes, length));
        assertThatThrownBy(() -> ShardProtocol.request(cut)).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void randomBytesGiveOurExceptionsOnly() {
    Random random = new Random(SEED);
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes = random.nextBoolean() ? push().payload() : new byte[random.nextInt(80)];
      for (int i = random.nextInt(6); i >= 0 && bytes.length > 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        ShardProtocol.request(new Message(random.nextInt(9), 0, bytes));
        ShardProtocol.answer(new Message(64 + random.nextInt(8), 0, bytes));
      } catch (IOException expected) {
        assertThat(expected.getMessage()).isNotEmpty();
      } catch (RuntimeException e) {
        throw new AssertionError("-Dtests.seed=" + SEED + " round " + round, e);
      }
    }
  }
}
