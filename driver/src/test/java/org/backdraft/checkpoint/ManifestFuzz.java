package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

/** A manifest of a checkpoint: read, and written again as it was, or refused by name. */
public final class ManifestFuzz {
  private static final String ORIGIN = "fuzzed";

  private ManifestFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Manifest manifest;
    try {
      manifest = Manifest.parse(bytes, ORIGIN);
    } catch (CheckpointException expected) {
      assertThat(expected.getMessage()).contains(ORIGIN);
      return;
    }
    assertThat(Manifest.parse(manifest.toJson(ORIGIN), ORIGIN)).isEqualTo(manifest);
  }
}
