package org.backdraft.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.backdraft.driver.failure.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class YamlDocumentTest {
  @Test
  void entriesCarryDottedKeysTypedValuesAndLines() {
    YamlDocument document =
        YamlDocument.parse("a.yaml", "# comment\nmodel: mlp\ndata:\n  batch: 64\n  shuffle: no\n");
    assertThat(document.entries())
        .containsExactly(
            new YamlDocument.Entry("model", "mlp", 2),
            new YamlDocument.Entry("data.batch", 64, 4),
            // YAML 1.2: only true and false are booleans.
            new YamlDocument.Entry("data.shuffle", "no", 5));
  }

  @Test
  void sectionsKeepTheirLines() {
    YamlDocument document = YamlDocument.parse("a.yaml", "x: 1\nconfig:\n  data: {batch: 64}\n");
    assertThat(document.section("config").entries())
        .containsExactly(new YamlDocument.Entry("data.batch", 64, 3));
    assertThat(document.section("absent").entries()).isEmpty();
  }

  @Test
  void emptyTextIsAnEmptyMapping() {
    assertThat(YamlDocument.parse("a.yaml", "# nothing\n").entries()).isEmpty();
  }

  @Test
  void whatIsNoMappingIsRefusedByFileAndLine() {
    for (String text : List.of("- a\n- b\n", "just words", "a: [1, 2", "a: 1\na: 2\n", "a: b: c")) {
      assertThatThrownBy(() -> YamlDocument.parse("bad.yaml", text))
          .as(text)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("bad.yaml");
    }
    assertThatThrownBy(() -> YamlDocument.parse("bad.yaml", "a: 1\nb: 'x"))
        .hasMessageContaining("bad.yaml:2");
  }

  @Test
  void tagsDoNotMakeObjects() {
    assertThatThrownBy(() -> YamlDocument.parse("evil.yaml", "a: !!javax.script.ScriptEngine []"))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void aliasesCannotGrowWithoutBound() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i));
      bomb.append(("*a" + (i - 1) + ", ").repeat(8)).append("*a").append(i - 1).append("]\n");
    }
    assertThatThrownBy(() -> YamlDocument.parse("bomb.yaml", bomb.toString()))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void missingFileIsNamed(@TempDir Path folder) {
    assertThatThrownBy(() -> YamlDocument.read(folder.resolve("none.yaml")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("none.yaml");
  }
}
