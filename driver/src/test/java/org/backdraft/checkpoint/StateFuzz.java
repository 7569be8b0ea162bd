package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

/** The state of a checkpoint: read, and written again as it was, or refused by name. */
public final class StateFuzz {
  private static final String ORIGIN = "fuzzed";

  private StateFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    CheckpointState state;
    try {
      state = StateFile.parse(bytes, ORIGIN);
    } catch (CheckpointException expected) {
      assertThat(expected.getMessage()).contains(ORIGIN);
      return;
    }
    assertThat(StateFile.parse(StateFile.toJson(state, ORIGIN), ORIGIN)).isEqualTo(state);
  }
}
