package org.backdraft.comm.transport.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;
import org.junit.jupiter.api.Test;

class LocalDoorsTest {
  private static final Duration SHORT = Duration.ofSeconds(5);
  private static final byte[] SECRET = new byte[Credentials.SECRET_BYTES];

  @Test
  void eachAttemptAndServiceHasADoorOfItsOwn() throws IOException {
    Credentials first = new Credentials(5, 0, SECRET);
    Credentials second = new Credentials(5, 1, SECRET);
    List<String> seen = new ArrayList<>();
    List<MessageChannel> ends = new ArrayList<>();
    try (LocalDoors.Door a = LocalDoors.open(first, 0, (end, rank) -> seen.add("a" + rank));
        LocalDoors.Door b =
            LocalDoors.open(
                second,
                0,
                (end, rank) -> {
                  seen.add("b" + rank);
                  ends.add(end);
                })) {
      assertThat(a).isNotSameAs(b);
      MessageChannel unused = LocalDoors.connect(first, 0, 3);
      MessageChannel mine = LocalDoors.connect(second, 0, 4);
      mine.send(new Message(7, 9, new byte[] {1}), SHORT);

      assertThat(ends.get(0).receive(SHORT).step()).isEqualTo(9);
      assertThat(seen).containsExactly("a3", "b4");
      assertThatThrownBy(() -> LocalDoors.connect(first, 1, 0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Service 1 of attempt 0");
      assertThatThrownBy(() -> LocalDoors.open(first, 0, (end, rank) -> {}))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThatThrownBy(() -> LocalDoors.connect(first, 0, 3)).isInstanceOf(IOException.class);
    LocalDoors.open(first, 0, (end, rank) -> {}).close();
  }
}
