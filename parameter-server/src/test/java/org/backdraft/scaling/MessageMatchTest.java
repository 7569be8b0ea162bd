package org.backdraft.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MessageMatchTest {
  @Test
  void receivesFromAPeerGetItsMessagesInOrder() {
    MessageMatch match = new MessageMatch(3, 4);
    match.await(0, 2, 7, 10);
    match.await(2, 1, 5, 20);
    match.await(2, 0, 3, 21);
    match.await(2, 1, 6, 22);
    int[] rounds =
        match.roundsOf(new int[] {0, 1, 1, 2}, new int[] {2, 2, 2, 0}, new int[] {3, 5, 6, 7});
    assertThat(rounds).containsExactly(21, 20, 22, 10);
  }

  @Test
  void rejectsTablesThatDoNotFit() {
    MessageMatch match = new MessageMatch(2, 1);
    match.await(1, 0, 5, 0);
    assertThatThrownBy(() -> match.roundsOf(new int[] {0}, new int[] {1}, new int[] {6}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("6 floats from rank 0 to 1, against 5");
    assertThatThrownBy(() -> match.roundsOf(new int[] {}, new int[] {}, new int[] {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("0 messages and 1 receives");
  }
}
