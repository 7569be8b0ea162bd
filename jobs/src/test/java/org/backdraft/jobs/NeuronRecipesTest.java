package org.backdraft.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.jobs.config.Recipe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes that train a single neuron as every network is trained. */
final class NeuronRecipesTest {
  @TempDir Path folder;

  private JsonNode train(String recipe, String out, String... more) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                "train",
                "--recipe",
                recipe,
                "--threads",
                "1",
                "--json",
                "--out",
                folder.resolve(out).toString()));
    words.addAll(List.of(more));
    CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear-svm", "perceptron-hinge"})
  void whatTheRecipePromisesIsReached(String name) throws Exception {
    JsonNode summary = train(name, "run");
    Recipe.named(name)
        .expected()
        .forEach(
            (key, value) ->
                assertThat(summary.get(key).asDouble())
                    .as(key)
                    .isGreaterThanOrEqualTo(((Number) value).doubleValue()));
    assertThat(summary.get("margin_examples").asInt()).isEqualTo(400);
  }

  @Test
  void theLineOfTheLargestMarginIsTheSameOnTwoWorkers() throws Exception {
    JsonNode one = train("linear-svm", "one");
    assertThat(one.get("margin").asDouble()).isCloseTo(Math.sqrt(0.5) / 2, within(0.01));
    assertThat(train("linear-svm", "two", "--workers", "2").get("weights_sha256"))
        .isEqualTo(one.get("weights_sha256"));
  }

  @Test
  void noNeuronPartsExclusiveOr() throws Exception {
    JsonNode xor = train("perceptron-hinge", "xor", "--data", "points:xor,train=400,val=4");
    assertThat(xor.get("val_accuracy").asDouble()).isLessThan(1);
    assertThat(xor.get("margin").asDouble()).isNegative();
    assertThat(xor.get("fit").get("verdict").asText()).isEqualTo("underfits");
  }
}
