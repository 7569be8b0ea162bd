package org.backdraft.kernel.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The checked-in tiles are what the generator writes. */
final class TileGeneratorTest {
  @Test
  void checkedInTilesAreGenerated() throws IOException {
    for (Map.Entry<String, String> source : TileGenerator.sources().entrySet()) {
      Path file = TileGenerator.FOLDER.resolve(source.getKey() + ".java");
      assertThat(withoutLayout(Files.readString(file)))
          .as("%s: run TileGenerator and spotless:apply", file)
          .isEqualTo(withoutLayout(source.getValue()));
    }
  }

  @Test
  void noOtherTilesLieBesideThem() throws IOException {
    try (Stream<Path> files = Files.list(TileGenerator.FOLDER)) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.matches(".*\\dR\\d.*")))
          .allSatisfy(f -> assertThat(TileGenerator.sources()).containsKey(f.replace(".java", "")));
    }
  }

  /** What the formatter may change. */
  private static String withoutLayout(String source) {
    return source.replaceAll("\\s+", "");
  }
}
