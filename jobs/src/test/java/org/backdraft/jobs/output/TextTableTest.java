package org.backdraft.jobs.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class TextTableTest {
  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    String text =
        new TextTable("layer", ">n", "").row("a", "10,164", "x").row("bb", "7", "").toString();
    assertThat(text).isEqualTo("layer       n\na      10,164  x\nbb          7\n");
  }

  @Test
  void rowsMustHaveACellForEachColumn() {
    assertThatThrownBy(() -> new TextTable("a", "b").row("1"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
