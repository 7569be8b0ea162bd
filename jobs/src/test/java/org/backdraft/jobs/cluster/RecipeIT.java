package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.backdraft.jobs.config.Recipe;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README promises, as a user runs it. */
final class RecipeIT {
  /** For recipes of minutes, on a machine that has more to do. */
  private static final Duration MINUTES = Duration.ofMinutes(25);

  /** Two hidden units follow no sine, however long. */
  private static final String[] NARROW = {"--model", "mlp:hidden=2", "--epochs", "60"};

  @TempDir Path folder;

  @Test
  @Tag("cluster")
  void quickstartLearnsGeneratedDigits() throws Exception {
    Path out = folder.resolve("run");
    JsonNode summary =
        Training.local(
            folder,
            Map.of(),
            out,
            List.of("train", "--recipe", "quickstart", "--out", out.toString()));
    assertThat(summary.get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.97);
  }

  @Test
  @Tag("cluster")
  void twoLayersLearnWhatOneNeuronCannot() throws Exception {
    assertThat(small("xor").get("val_accuracy").asDouble()).isEqualTo(1);
  }

  @Test
  @Tag("cluster")
  void aBagOfWordsTellsTextsApart() throws Exception {
    assertThat(small("bag-of-words").get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  @Tag("cluster")
  void rectifiersApproximateASine() throws Exception {
    double wide = small("universal-approximation").get("val_loss").asDouble();
    double narrow = small("universal-approximation", NARROW).get("val_loss").asDouble();
    assertThat(wide).isLessThanOrEqualTo(0.001);
    assertThat(narrow).isGreaterThan(100 * wide);
    assertThat(small("universal-approximation-bfgs").get("val_loss").asDouble())
        .isLessThanOrEqualTo(0.0001);
  }

  @Test
  @Tag("full")
  void aNetworkTellsWhereElbowAndHandAre() throws Exception {
    JsonNode summary = small("pose-regression");
    assertThat(summary.get("val_loss").asDouble()).isLessThanOrEqualTo(0.01);
    assertThat(summary.get("val_mse").asDouble())
        .isLessThan(0.1 * summary.get("val_baseline_mse").asDouble());
  }

  @Test
  @Tag("cluster")
  void implicitStepsTakeARateAtWhichOthersDiverge() throws Exception {
    assertThat(small("implicit-sgd").get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.7);
  }

  @Test
  @Tag("full")
  void aNetworkTellsWhatIsWhere() throws Exception {
    JsonNode summary = small("what-and-where");
    assertThat(summary.get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.85);
    assertThat(summary.get("val_digit_accuracy")).isEqualTo(summary.get("val_accuracy"));
    assertThat(summary.get("val_place_mse").asDouble())
        .isLessThan(0.1 * summary.get("val_place_baseline_mse").asDouble());
  }

  /**
   * Thirty examples are enough for whoever knows other digits, and too few for whoever does not.
   */
  @Test
  @Tag("cluster")
  void aTrainedNetworkLearnsOtherDigitsFromThirtyExamples() throws Exception {
    assertThat(small("fine-tuning-base").get("val_accuracy").asDouble())
        .isGreaterThanOrEqualTo(0.98);
    String base = folder.resolve("fine-tuning-base").toString();
    double tuned = tuned("tuned", base).get("val_accuracy").asDouble();
    double anew =
        tuned(
                "anew",
                base,
                "--set",
                "init.fresh=*",
                "--set",
                "train.freeze=",
                "--set",
                "optimizer.groups=")
            .get("val_accuracy")
            .asDouble();
    assertThat(tuned).isGreaterThanOrEqualTo(0.9).isGreaterThan(anew + 0.05);
  }

  private JsonNode tuned(String name, String base, String... more) throws Exception {
    Path out = folder.resolve(name);
    List<String> command =
        new ArrayList<>(
            List.of(
                "train",
                "--recipe",
                "fine-tuning",
                "--init-weights",
                base,
                "--out",
                out.toString()));
    command.addAll(List.of(more));
    return Training.local(folder, Map.of(), out, command);
  }

  private JsonNode small(String recipe, String... more) throws Exception {
    Path out = folder.resolve(more.length == 0 ? recipe : recipe + "-otherwise");
    List<String> command =
        new ArrayList<>(List.of("train", "--recipe", recipe, "--out", out.toString()));
    command.addAll(List.of(more));
    return Training.local(folder, Map.of(), out, command, MINUTES);
  }

  /** The short form of a recipe of minutes: two of twelve epochs. */
  @Test
  @Tag("cluster")
  void lenetLearnsAugmentedMnist() throws Exception {
    JsonNode summary = augmented("--epochs", "2");
    assertThat(summary.get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.985);
  }

  @Test
  @Tag("full")
  void lenetLearnsAugmentedMnistAsPromised() throws Exception {
    JsonNode summary = augmented();
    assertThat(summary.get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.992);
  }

  @Test
  @Tag("full")
  void unetFindsMembranesBetterThanNaiveAnswersInFiveFolds() throws Exception {
    JsonNode summary = membranes();
    assertThat(summary.get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.82);
    assertMembranes(summary, 0.8, 1.6);
    JsonNode folds = summary.get("cross_validation").get("results");
    assertThat(folds).hasSize(5);
    for (JsonNode fold : folds) {
      assertMembranes(fold, 0.85, 1.3);
    }
  }

  /** Ten times as many epochs, on 24 of the 30 pictures. */
  @Test
  @Tag("full")
  void unetFindsMembranesWellInTime() throws Exception {
    JsonNode summary =
        membranes(
            "--epochs",
            "120",
            "--set",
            "data.batch=4",
            "--set",
            "cross-validation.folds=0",
            "--set",
            "data.validation=0.2");
    assertThat(summary.get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.88);
    assertMembranes(summary, 0.6, 2);
  }

  /** The short form: one fold, and 6 of 12 epochs. */
  @Test
  @Tag("cluster")
  void unetBeginsToFindMembranes() throws Exception {
    assertMembranes(membranes("--epochs", "6", "--set", "cross-validation.fold=1"), 0.92, 1);
  }

  /** Pixel error and Rand score beside those of naive answers. */
  private static void assertMembranes(JsonNode summary, double most, double least) {
    assertThat(summary.get("val_pixel_error").asDouble())
        .isLessThan(most * summary.get("val_baseline_pixel_error").asDouble());
    assertThat(summary.get("val_rand").asDouble())
        .isGreaterThan(least * summary.get("val_baseline_rand").asDouble());
  }

  @Test
  @Tag("full")
  void c3dTellsWhereDigitsGo() throws Exception {
    assertThat(small("c3d-moving-digits").get("val_accuracy").asDouble())
        .isGreaterThanOrEqualTo(0.95);
  }

  /** The short form: fewer clips of eight directions, and 3 of 5 epochs. */
  @Test
  @Tag("cluster")
  void c3dBeginsToTellWhereDigitsGo() throws Exception {
    JsonNode summary =
        small("c3d-moving-digits", "--data", "moving-digits:train=600,val=100", "--epochs", "3");
    assertThat(summary.get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.5);
  }

  private JsonNode membranes(String... more) throws Exception {
    assumeTrue(
        Repository.data("membrane").isPresent(),
        "no membrane/ folder; give its parent by -Dbackdraft.data.dir");
    Path out = folder.resolve("membranes");
    List<String> command =
        new ArrayList<>(
            List.of(
                "train",
                "--recipe",
                "unet-membrane",
                "--data",
                "segmentation:" + Repository.data("membrane").orElseThrow(),
                "--out",
                out.toString()));
    command.addAll(List.of(more));
    return Training.local(folder, Map.of(), out, command, MINUTES);
  }

  private JsonNode augmented(String... more) throws Exception {
    assumeTrue(
        Repository.mnist().isPresent(),
        "no mnist/ folder; give its parent by -Dbackdraft.data.dir");
    Path out = folder.resolve("augmented");
    List<String> command =
        new ArrayList<>(
            List.of(
                "train",
                "--recipe",
                "lenet5-mnist-augmented",
                "--data",
                "idx:" + Repository.mnist().orElseThrow(),
                "--out",
                out.toString()));
    command.addAll(List.of(more));
    return Training.local(folder, Map.of(), out, command, MINUTES);
  }

  @Test
  @Tag("full")
  void lenetLearnsMnistWithOneHashOnLaptopAndCluster() throws Exception {
    assumeTrue(
        Repository.mnist().isPresent(),
        "no mnist/ folder; give its parent by -Dbackdraft.data.dir");
    Map<String, String> hashes = new LinkedHashMap<>();
    for (String workers : List.of("1", "2", "4")) {
      for (String threads : List.of("1", "2")) {
        Path out = folder.resolve("local-" + workers + "-" + threads);
        JsonNode summary =
            Training.local(
                folder, Map.of(), out, mnist(out, "--workers", workers, "--threads", threads));
        assertThat(summary.get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(0.989);
        hashes.put(out.getFileName().toString(), summary.get("weights_sha256").asText());
      }
    }
    Path out = folder.resolve("cluster");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), mnist(out))) {
      JsonNode summary = Training.summary(run.await(Training.TIMEOUT), out);
      hashes.put("cluster", summary.get("weights_sha256").asText());
    }
    assertThat(Set.copyOf(hashes.values())).as("weights_sha256 of %s", hashes).hasSize(1);
  }

  private JsonNode run(String recipe, String... more) throws Exception {
    assumeTrue(
        Repository.mnist().isPresent(),
        "no mnist/ folder; give its parent by -Dbackdraft.data.dir");
    Path out = folder.resolve(recipe + more.length);
    List<String> command =
        new ArrayList<>(
            List.of(
                "train",
                "--recipe",
                recipe,
                "--data",
                "idx:" + Repository.mnist().orElseThrow(),
                "--out",
                out.toString()));
    command.addAll(List.of(more));
    return Training.local(folder, Map.of(), out, command);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lenet5-adagrad",
        "lenet5-adam",
        "lenet5-adamw",
        "lenet5-lamb",
        "lenet5-lars",
        "lenet5-nesterov",
        "lenet5-rmsprop",
        "lenet5-sgd",
        "softmax-barzilai-borwein",
        "softmax-gd",
        "softmax-lbfgs",
        "softmax-rprop"
      })
  @Tag("full")
  void everyOptimizerReachesWhatItsRecipeSays(String recipe) throws Exception {
    double expected = ((Number) Recipe.named(recipe).expected().get("val_accuracy")).doubleValue();
    assertThat(run(recipe).get("val_accuracy").asDouble()).isGreaterThanOrEqualTo(expected);
  }

  @Test
  @Tag("full")
  void lbfgsNeedsTheFewestPassesOfAllMethodsOverTheWholeSet() throws Exception {
    Map<String, Integer> passes = new LinkedHashMap<>();
    for (String recipe :
        List.of("softmax-lbfgs", "softmax-rprop", "softmax-barzilai-borwein", "softmax-gd")) {
      JsonNode summary = run(recipe, "--set", "train.target=0.9");
      passes.put(recipe, summary.get("epochs").asInt());
    }
    int fewest = passes.remove("softmax-lbfgs");
    assertThat(passes.values()).allMatch(each -> each > fewest);
  }

  private static List<String> mnist(Path out, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "train",
                "--model",
                "lenet5",
                "--data",
                "idx:" + Repository.mnist().orElseThrow(),
                "--epochs",
                "5",
                "--seed",
                "1",
                "--out",
                out.toString()));
    command.addAll(List.of(more));
    return command;
  }
}
