package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;

/** Files for fuzzed sources, which are gone when the JVM is, and what is done with a source. */
final class FuzzedFiles {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();
  private static final Path FOLDER = folder();

  /** Of what claims to be larger the header alone is looked at. */
  static final long MOST_ELEMENTS = 1 << 20;

  private FuzzedFiles() {}

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("backdraft-fuzz-");
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder of that name. */
  static Path folder(String name) throws IOException {
    Path folder = FOLDER.resolve(name);
    if (!Files.exists(folder)) {
      Files.createDirectory(folder).toFile().deleteOnExit();
    }
    return folder;
  }

  /** Writes a file. */
  static void write(Path file, byte[] bytes) throws IOException {
    if (!Files.exists(file)) {
      file.toFile().deleteOnExit();
    }
    Files.write(file, bytes);
  }

  /** Reads all examples. */
  static void readAll(DataSource source) throws IOException {
    if ((long) source.examples() * source.shape().elements() > MOST_ELEMENTS) {
      return;
    }
    Decoder decoder = Normalization.parse("unit").decoder(source.format(), () -> null);
    ActivationLayout layout = ActivationLayout.dense(source.shape());
    RecordReader reader = decoder.reader(KERNELS, layout);
    Batch batch = decoder.newBatch(layout, 1);
    batch.reset(1, 1);
    int examples = 0;
    try (BlockReader blocks = source.read(0, source.examples(), 7)) {
      for (RecordBlock block = blocks.next(); block != null; block = blocks.next()) {
        for (int record = 0; record < block.size(); record++, examples++) {
          reader.read(block, record, RecordReader.UNCHANGED, batch, 0);
          assertThat(batch.labels()[0]).isBetween(0, source.classes().size() - 1);
        }
      }
    }
    assertThat(examples).isEqualTo(source.examples());
  }
}
