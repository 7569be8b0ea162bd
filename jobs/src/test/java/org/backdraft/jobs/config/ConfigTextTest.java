package org.backdraft.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ConfigTextTest {
  @Test
  void textReadsBackAsTheSameConfiguration() {
    ConfigLayers layers = ConfigLayers.builtIn();
    layers
        .assign("data.train=idx:/a folder/# \"quoted\"")
        .assign("data.val=digits:")
        .assign("optimizer.lr=1e-7")
        .assign("model=true");
    ConfigLayers read =
        ConfigLayers.builtIn().set(YamlDocument.parse("config.yaml", ConfigText.of(layers)));
    assertThat(read.toConfig()).isEqualTo(layers.toConfig());
  }

  @Test
  void everyLineNamesTheSourceOfItsValue() {
    String text = ConfigText.of(ConfigLayers.builtIn().set("data.batch", "32", "--batch"));
    assertThat(text.lines().filter(line -> !line.endsWith(":")))
        .allMatch(line -> line.contains("# "));
    assertThat(text).containsPattern("batch: 32 +# --batch");
  }

  @Test
  void documentationHasEveryKeyWithItsDefault() throws Exception {
    String documentation = Files.readString(Path.of("../docs/configuration.md"));
    ConfigLayers.builtIn()
        .settings()
        .forEach(
            (key, setting) -> {
              String value = "".equals(setting.value()) ? "empty" : "`" + setting.value() + "`";
              assertThat(documentation).contains("| `" + key + "` | " + value + " |");
            });
  }
}
