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
      Message again = ShardProtocol.answer(number, 0, answer);
      assertThat(ShardProtocol.answer(again)).usingRecursiveComparison().isEqualTo(answer);
    } catch (IOException expected) {
      assertThat(expected.getMessage()).isNotEmpty();
    }
  }
}
