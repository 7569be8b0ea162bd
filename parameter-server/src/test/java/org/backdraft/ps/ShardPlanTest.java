package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardPlanTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "3, 4096, 100", "2, 1000003, 65536", "5, 25000000, 262144"})
  void blocksCoverTheTableAndShardsHoldAboutAsMuch(int shards, int size, int blockSize) {
    ShardPlan plan = ShardPlan.of(0, shards, size, blockSize, BlockBorders.uniform());
    ShardPlan other = ShardPlan.of(0, shards + 2, size, blockSize, BlockBorders.uniform());
    assertThat(plan.blocks()).isEqualTo(other.blocks());
    long longest = 0;
    for (int block = 0; block < plan.blocks(); block++) {
      assertThat(plan.begin(block)).isEqualTo(block == 0 ? 0 : plan.end(block - 1));
      assertThat(plan.begin(block)).isEqualTo(other.begin(block)).matches(at -> at % 4096 == 0);
      assertThat(plan.end(block)).isGreaterThan(plan.begin(block));
      assertThat(plan.blockOf(plan.end(block) - 1)).isEqualTo(block);
      longest = Math.max(longest, plan.end(block) - plan.begin(block));
    }
    assertThat(plan.end(plan.blocks() - 1)).isEqualTo(size).isEqualTo(plan.size());
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int shard = 0; shard < shards; shard++) {
      least = Math.min(least, plan.load(shard));
      most = Math.max(most, plan.load(shard));
    }
    assertThat(most - least).isLessThanOrEqualTo(longest);
  }

  @Test
  void rowsLieApartInsideTheTable() {
    ShardPlan plan = ShardPlan.of(0, 2, 100, 10, BlockBorders.uniform());
    RowRange first = new RowRange(10, 30, 5);
    assertThat(plan.withRows(List.of(first, new RowRange(30, 100, 7))).next(1, 3).rows(0).count())
        .isEqualTo(4 + 10);
    assertThatThrownBy(() -> plan.withRows(List.of(first, new RowRange(29, 31, 1))))
        .hasMessageContaining("in [30, 100)");
    assertThatThrownBy(() -> plan.withRows(List.of(new RowRange(90, 101, 1))))
        .hasMessageContaining("in [0, 100)");
    assertThatThrownBy(() -> new RowRange(0, 11, 2)).hasMessageContaining("a width of 2");
  }

  @Test
  void anEpochOnlyGrows() {
    ShardPlan plan = ShardPlan.of(4, 1, 10, 10, BlockBorders.uniform());
    assertThat(plan.next(5, 2).epoch()).isEqualTo(5);
    assertThatThrownBy(() -> plan.next(4, 1)).hasMessageContaining("above 4: got 4");
  }

  @Test
  void consistencyIsReadAndWritten() {
    for (String text : new String[] {"bsp", "ssp:0", "ssp:12", "async"}) {
      assertThat(Consistency.parse(text)).hasToString(text);
    }
    for (String text : new String[] {"", "ssp", "ssp:-1", "ssp:x", "BSP"}) {
      assertThatThrownBy(() -> Consistency.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("bsp, ssp:STEPS or async: got '" + text + "'");
    }
  }
}
