package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A table: a first byte says how many of its last cells are numbers to predict; then its bytes. */
public final class CsvFuzz {
  private static final HadoopSettings SETTINGS = HadoopSettings.defaults();

  private CsvFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return;
    }
    Path file = FuzzedFiles.folder("csv").resolve("fuzzed.csv");
    FuzzedFiles.write(file, Arrays.copyOfRange(bytes, 1, bytes.length));
    int targets = bytes[0] & 3;
    String location = file + (targets == 0 ? "" : "?targets=" + targets);
    for (BadRecordRule rule : BadRecordRule.values()) {
      try {
        FuzzedFiles.readAll(CsvSource.open(location, Split.TRAIN, SETTINGS, rule));
      } catch (DataException expected) {
        assertThat(expected.getMessage()).contains("fuzzed.csv");
      }
    }
  }
}
