package org.backdraft.data.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.data.BadExample;
import org.backdraft.data.DataException;
import org.backdraft.data.DataSource;
import org.backdraft.data.DataSources;
import org.backdraft.data.HadoopSettings;
import org.backdraft.data.Split;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job that reads every example, with Spark's own serialisation of what it finds. */
class ExampleCheckTest {
  private static final int PICTURES = 520; // of which a task reads 512

  @TempDir Path folder;

  private Path file(int i) {
    return folder.resolve("kind").resolve("%04d.png".formatted(i));
  }

  @Test
  void findsWhatCannotBeRead() throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(6, 5, BufferedImage.TYPE_BYTE_GRAY), "png", whole);
    Files.createDirectories(file(0).getParent());
    for (int i = 0; i < PICTURES; i++) {
      boolean isBad = i == 3 || i == 511 || i == PICTURES - 1;
      byte[] bytes = whole.toByteArray();
      Files.write(file(i), isBad ? Arrays.copyOf(bytes, 40) : bytes);
    }
    DataSource source =
        DataSources.open("imagefolder:" + folder, Split.TRAIN, HadoopSettings.defaults());
    JavaSparkContext sc = LocalSpark.context("local[2]");
    try {
      List<BadExample> bad = ExampleCheck.find(sc, source);
      assertThat(bad).extracting(BadExample::id).containsExactly(3, 511, PICTURES - 1);
      assertThat(bad.get(0).reason()).contains("0003.png cannot be decoded");

      Files.delete(file(7));
      assertThatThrownBy(() -> ExampleCheck.find(sc, source))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("0007.png cannot be read");
    } finally {
      sc.stop();
    }
  }
}
