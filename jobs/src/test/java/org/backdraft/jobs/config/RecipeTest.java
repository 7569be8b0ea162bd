package org.backdraft.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.backdraft.driver.failure.ConfigurationException;
import org.junit.jupiter.api.Test;

final class RecipeTest {
  @Test
  void everyRecipeFileIsListedByName() throws Exception {
    Path folder = Path.of("src/main/resources/org/backdraft/jobs/recipes");
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files.map(file -> file.getFileName().toString().replace(".yaml", "")).sorted().toList();
      assertThat(Recipe.names()).isEqualTo(names).isNotEmpty();
    }
  }

  @Test
  void everyRecipeIsAConfigurationWithAnExpectedResult() {
    for (String name : Recipe.names()) {
      Recipe recipe = Recipe.named(name);
      assertThat(recipe.description()).as(name).endsWith(".");
      assertThat(recipe.source()).as(name).isNotBlank();
      assertThat(recipe.minutes()).as(name).isBetween(1, 20);
      assertThat(recipe.expected()).as(name).isNotEmpty();
      assertThat(recipe.isLesson()).as(name).isEqualTo(recipe.config().root().isEmpty());
      assertThat(ConfigLayers.builtIn().set(recipe.config()).toConfig()).as(name).isNotNull();
    }
  }

  @Test
  void unknownRecipeIsRefusedWithTheNearest() {
    assertThatThrownBy(() -> Recipe.named("quikstart"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("'quickstart'");
  }
}
