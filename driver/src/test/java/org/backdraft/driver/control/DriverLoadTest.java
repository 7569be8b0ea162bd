package org.backdraft.driver.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the sizes that {@code docs/scaling.md} gives of what a driver sends and gets. */
class DriverLoadTest {
  private static final String HOST = "10.20.30.40";
  private static final String JVM = "123e4567-e89b-12d3-a456-426614174000";

  @ParameterizedTest
  @ValueSource(ints = {2, 1024, 4096})
  void aTableOfPeersTakes12BytesTheHostAndTheJvmForEachRank(int ranks) {
    PeerTable table =
        new PeerTable(Collections.nCopies(ranks, new PeerTable.Peer(HOST, 40000, JVM)), List.of());
    assertThat(table.toMessage().payload().length)
        .isEqualTo(8 + ranks * (12 + HOST.length() + JVM.length()))
        .isLessThan(GangControl.MAX_MESSAGE_BYTES);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7})
  void timesTake28BytesAStep(int steps) {
    TimeRecords records = new TimeRecords();
    for (int step = 0; step < steps; step++) {
      records.add(step, 1, 2, 3, 4, 5);
    }
    assertThat(records.toMessage().payload().length).isEqualTo(4 + 28 * steps);
  }
}
