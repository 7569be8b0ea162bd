package org.backdraft.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class EditDistanceTest {
  @Test
  void countsInsertionsDeletionsAndReplacements() {
    assertThat(EditDistance.between("", "")).isZero();
    assertThat(EditDistance.between("lr", "lr")).isZero();
    assertThat(EditDistance.between("", "abc")).isEqualTo(3);
    assertThat(EditDistance.between("kitten", "sitting")).isEqualTo(3);
    assertThat(EditDistance.between("epohcs", "epochs")).isEqualTo(2);
  }

  @Test
  void findsTheNearestKnownWord() {
    List<String> known = List.of("adam", "adamw", "rmsprop");
    assertThat(EditDistance.nearest("adamx", known)).contains("adam");
    assertThat(EditDistance.nearest("rms-prop", known)).contains("rmsprop");
    assertThat(EditDistance.nearest("wolpertinger", known)).isEmpty();
  }
}
