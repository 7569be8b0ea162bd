package org.backdraft.jobs.lesson;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.backdraft.data.BlockReader;
import org.backdraft.data.DataSource;
import org.backdraft.data.DataSources;
import org.backdraft.data.HadoopSettings;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.Split;

/** Images that need no file. */
final class GeneratedDigits {
  private GeneratedDigits() {}

  /** All of a split of {@code digits:…}. */
  static RecordBlock block(String uri, Split split) {
    try {
      DataSource source = DataSources.open(uri, split, HadoopSettings.defaults());
      try (BlockReader reader = source.read(0, source.examples(), source.examples())) {
        return reader.next();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Generated digits must need no file.", e);
    }
  }
}
