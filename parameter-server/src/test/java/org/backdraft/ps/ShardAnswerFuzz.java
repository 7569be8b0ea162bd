package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/** What may come in the name of a shard: read, and written again as it was, or refused. */
public final class ShardAnswerFuzz {
  private ShardAnswerFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) {
    Message message = ShardRequestFuzz.message(bytes);
    try {
      long number = ShardProtocol.number(message);
      Answer answer = ShardProtocol.answer(message);
      Answer again = ShardProtocol.answer(ShardProtocol.answer(number, 0, answer));
      assertThat(again.kind()).isEqualTo(answer.kind());
      assertThat(again.number()).isEqualTo(answer.number());
      assertThat(again.worker()).isEqualTo(answer.worker());
      // As arrays, whose elements are equal where both are not a number.
      assertThat(again.values()).isEqualTo(answer.values());
      assertThat(again.measures()).isEqualTo(answer.measures());
    } catch (IOException expected) {
      assertThat(expected.getMessage()).isNotEmpty();
    }
  }
}
