package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.backdraft.driver.control.ShardErrand;
import org.backdraft.driver.control.ShardNews;
import org.backdraft.ps.ShardSnapshot;
import org.backdraft.ps.ShardSnapshot.BlockImage;
import org.junit.jupiter.api.Test;

class TableCopiesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Set<Integer> KEEPERS = Set.of(0, 2);

  private static BlockImage block(int number, float value) {
    return new BlockImage(
        number, 1, new float[] {value}, new float[0][], new long[] {0, 0, 0}, new int[3]);
  }

  private static TableCopies copies() {
    long[] clocks = new long[3];
    return new TableCopies(
        List.of(
            new ShardSnapshot(0, 0, clocks, List.of(block(1, 1))),
            new ShardSnapshot(0, 0, clocks, List.of(block(0, 0)))),
        3,
        5,
        Duration.ofSeconds(10));
  }

  private static ShardNews taken(ShardErrand.Snapshot order, boolean complete, long... clocks) {
    return new ShardNews.Taken(order.epoch(), order.clock(), complete, clocks, 4);
  }

  /** All that a whole copy takes. */
  private static void answer(TableCopies copies, ShardErrand.Snapshot order) {
    copies.hear(0, new ShardErrand.Image(order.epoch(), block(1, 11)));
    copies.hear(0, taken(order, true, 7, 5, 6));
    copies.hear(2, new ShardErrand.Image(order.epoch(), block(0, 10)));
    copies.hear(2, taken(order, true, 6, 8, 6));
  }

  @Test
  void aCopyIsDueWhenEveryWorkerHasCompletedEnough() {
    TableCopies copies = copies();
    copies.advance(0, 6);
    copies.advance(1, 4);
    copies.advance(2, 5);

    assertThat(copies.due(1, KEEPERS, 14, 0)).isEmpty();
    assertThat(copies.due(1, KEEPERS, 15, 0)).contains(new ShardErrand.Snapshot(1, 5, 10_000));
    assertThat(copies.due(1, KEEPERS, 30, SECOND)).as("one at a time").isEmpty();
  }

  @Test
  void aCopyCountsWhenAllBlocksHaveCome() {
    TableCopies copies = copies();
    ShardErrand.Snapshot order = copies.due(1, KEEPERS, 15, 0).orElseThrow();
    copies.hear(0, new ShardErrand.Image(1, block(1, 11)));
    copies.hear(0, taken(order, true, 7, 5, 6));
    assertThat(copies.completed()).isZero();
    assertThat(copies.block(1).values()).containsExactly(1);

    copies.hear(2, new ShardErrand.Image(1, block(0, 10)));
    copies.hear(2, taken(order, true, 6, 8, 6));
    assertThat(copies.completed()).isEqualTo(15);
    assertThat(copies.clock()).isEqualTo(order.clock());
    assertThat(copies.clocks()).as("what all shards know of").containsExactly(6, 5, 6);
    assertThat(copies.block(0).values()).containsExactly(10);
    assertThat(copies.block(1).values()).containsExactly(11);
    assertThat(copies.widestLead()).isEqualTo(4);
  }

  @Test
  void aCopyThatWorkersDidNotComeToIsTakenLater() {
    TableCopies copies = copies();
    ShardErrand.Snapshot order = copies.due(1, KEEPERS, 15, 0).orElseThrow();
    copies.hear(0, taken(order, false, 7, 5, 6));
    assertThat(copies.completed()).isZero();

    Optional<ShardErrand.Snapshot> next = copies.due(1, KEEPERS, 16, SECOND);
    assertThat(next).isPresent();
    answer(copies, next.get());
    assertThat(copies.completed()).isEqualTo(16);
  }

  @Test
  void aCopyOfAnOlderTableDoesNotCount() {
    TableCopies copies = copies();
    ShardErrand.Snapshot old = copies.due(1, KEEPERS, 15, 0).orElseThrow();
    copies.abandon();
    ShardErrand.Snapshot order = copies.due(2, KEEPERS, 15, 0).orElseThrow();
    answer(copies, old);
    assertThat(copies.completed()).isZero();
    answer(copies, order);
    assertThat(copies.completed()).isEqualTo(15);
  }

  @Test
  void whoeverDoesNotAnswerIsNotAwaitedForEver() {
    TableCopies copies = copies();
    assertThat(copies.due(1, KEEPERS, 15, 0)).isPresent();
    assertThat(copies.due(1, KEEPERS, 15, 20 * SECOND)).isEmpty();
    assertThat(copies.due(1, KEEPERS, 15, 21 * SECOND)).isPresent();
  }

  @Test
  void theLastCopyHoldsAllThatWasCompleted() {
    TableCopies copies = copies();
    assertThat(copies.holdsAll(3)).isFalse();
    ShardErrand.Snapshot order = copies.due(1, KEEPERS, 3, 0).orElseThrow();
    answer(copies, order);
    assertThat(copies.holdsAll(3)).isTrue();
    assertThat(copies.due(1, KEEPERS, 3, 0)).isEmpty();
  }
}
