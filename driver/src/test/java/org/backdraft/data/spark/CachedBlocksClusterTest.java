package org.backdraft.data.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.backdraft.data.IdxFiles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks on two executor JVMs, one of which is killed. */
@Tag("cluster")
class CachedBlocksClusterTest {
  private static final long TIMEOUT_SECONDS = 300;

  @Test
  void everyRecordReachesEveryExecutorAlsoAfterOneIsLost(@TempDir Path folder) throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    IdxFiles.write(data, "train-images-idx3-ubyte.gz", IdxFiles.images(1, 2000, 13, 11));
    IdxFiles.write(data, "train-labels-idx1-ubyte.gz", IdxFiles.labels(2000, 10));
    String output =
        SparkHome.run(
            SpreadBlocksScenario.class,
            folder,
            TIMEOUT_SECONDS,
            "digits:train=2000",
            "idx:" + data);
    assertThat(output)
        .contains("done: digits:train=2000")
        .contains("done: idx:" + data)
        .contains("all is well")
        .endsWith("exit 0");
  }
}
