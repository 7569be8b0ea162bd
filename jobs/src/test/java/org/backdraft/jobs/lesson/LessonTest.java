package org.backdraft.jobs.lesson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.backdraft.jobs.config.Recipe;
import org.backdraft.jobs.plot.Figure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LessonTest {
  static List<String> lessons() {
    return Recipe.names().stream().filter(name -> Recipe.named(name).isLesson()).toList();
  }

  @ParameterizedTest
  @MethodSource("lessons")
  void everyLessonShowsWhatItsRecipeExpects(String name) {
    Recipe recipe = Recipe.named(name);
    Lesson.Shown shown = Lesson.named(recipe.lesson()).show();
    Map<String, Object> results = shown.results();
    assertThat(recipe.expected()).isNotEmpty();
    recipe
        .expected()
        .forEach(
            (key, value) ->
                assertThat(results.get(key)).as(key).hasToString(String.valueOf(value)));
    assertThat(shown.text()).endsWith("\n");
  }

  @Test
  void linesThatPartObservationsAreDrawn() {
    Figure figure = Lesson.named("perceptron").show().plot().orElseThrow();
    assertThat(figure.charts()).hasSize(4);
    String svg = figure.svg();
    assertThat(svg).contains("and: separated", "not: separated", "xor: not-separable", "y = 1");
    // Two dots of the legend in each chart, and the observations.
    assertThat(svg.split("<circle", -1)).hasSize(1 + 4 * 2 + 3 * 4 + 2);
    assertThat(Lesson.named("optimal-stability").show().plot().orElseThrow().svg())
        .contains("optimal stability");
    assertThat(Lesson.named("vanishing-gradients").show().plot().orElseThrow().svg())
        .contains("logistic", "relu");
    assertThat(Lesson.named("initialization").show().plot().orElseThrow().svg()).contains("xavier");
  }

  @Test
  void unknownLessonsAreRefused() {
    assertThatThrownBy(() -> Lesson.named("xor")).hasMessageContaining("perceptron");
  }
}
