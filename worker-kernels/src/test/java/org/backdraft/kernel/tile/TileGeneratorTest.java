package org.backdraft.kernel.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The checked-in tiles are what the generator writes. */
final class TileGeneratorTest {
  @Test
  void checkedInTilesAreGenerated() throws Exception {
    for (Map.Entry<String, String> source : TileGenerator.sources().entrySet()) {
      Path file = folder().resolve(source.getKey() + ".java");
      assertThat(withoutLayout(Files.readString(file)))
          .as("%s: run TileGenerator and spotless:apply", file)
          .isEqualTo(withoutLayout(source.getValue()));
    }
  }

  @Test
  void noOtherTilesLieBesideThem() throws Exception {
    try (Stream<Path> files = Files.list(folder())) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.matches(".*\\dR\\d.*")))
          .allSatisfy(f -> assertThat(TileGenerator.sources()).containsKey(f.replace(".java", "")));
    }
  }

  /** Found from target/test-classes: other modules run these tests too, in folders of theirs. */
  private static Path folder() throws URISyntaxException {
    URL classes = TileGeneratorTest.class.getProtectionDomain().getCodeSource().getLocation();
    return Path.of(classes.toURI()).getParent().getParent().resolve(TileGenerator.FOLDER);
  }

  /** What the formatter may change. */
  private static String withoutLayout(String source) {
    return source.replaceAll("\\s+", "");
  }
}
