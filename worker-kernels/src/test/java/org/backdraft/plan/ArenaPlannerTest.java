package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArenaPlannerTest {
  private record Placed(int begin, int end, int first, int last) {}

  @Test
  void blocksThatLiveTogetherNeverOverlap() {
    long seed = Long.getLong("tests.seed", 5L);
    Random random = new Random(seed);
    ArenaPlanner arena = new ArenaPlanner("test");
    List<Placed> placed = new ArrayList<>();
    long total = 0;
    for (int i = 0; i < 300; i++) {
      int first = random.nextInt(50);
      int last = first + random.nextInt(6);
      int length = 1 + random.nextInt(1000);
      int begin = arena.place(length, first, last);
      for (Placed other : placed) {
        boolean together = other.first() <= last && first <= other.last();
        boolean overlap = other.begin() < begin + length && begin < other.end();
        assertThat(together && overlap).as("-Dtests.seed=%d", seed).isFalse();
      }
      placed.add(new Placed(begin, begin + length, first, last));
      assertThat(arena.size()).isGreaterThanOrEqualTo(begin + length);
      total += length;
    }
    assertThat((long) arena.size()).as("memory is used again").isLessThan(total / 3);
  }

  @Test
  void refusesWhatNoArrayCanHold() {
    ArenaPlanner arena = new ArenaPlanner("activations");
    arena.place(1_000_000_000L);
    assertThatThrownBy(() -> arena.place(200_000_000L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("activations")
        .hasMessageContaining("smaller batch");
  }
}
