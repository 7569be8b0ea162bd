package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** One of two IDX files: a first byte says which, and whether it is compressed; then its bytes. */
public final class IdxFuzz {
  private static final HadoopSettings SETTINGS = HadoopSettings.defaults();

  private IdxFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return;
    }
    boolean isImages = (bytes[0] & 1) == 0;
    boolean isCompressed = (bytes[0] & 2) != 0;
    String ending = isCompressed ? ".gz" : "";
    Path root = FuzzedFiles.folder("idx" + ending);
    byte[] file = Arrays.copyOfRange(bytes, 1, bytes.length);
    byte[] other = isImages ? IdxFiles.labels(3, 10) : IdxFiles.images(1, 3, 2, 2);
    byte[] sound = isCompressed ? IdxFiles.gzip(other) : other;
    FuzzedFiles.write(root.resolve("train-images-idx3-ubyte" + ending), isImages ? file : sound);
    FuzzedFiles.write(root.resolve("train-labels-idx1-ubyte" + ending), isImages ? sound : file);
    try {
      FuzzedFiles.readAll(IdxSource.open(root.toString(), Split.TRAIN, SETTINGS));
    } catch (DataException expected) {
      assertThat(expected.getMessage()).contains("idx");
    }
  }
}
