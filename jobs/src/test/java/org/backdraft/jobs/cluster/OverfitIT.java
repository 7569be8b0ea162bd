package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.jobs.config.Recipe;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Large networks learn photos by heart: the loss on them in evaluation mode shows that all of such
 * a network learns, running statistics included.
 */
final class OverfitIT {
  /** The limit of a recipe on two cores that have nothing else to do; others share this machine. */
  private static final Duration LIMIT = Duration.ofMinutes(20);

  @TempDir Path folder;

  @ParameterizedTest
  @Tag("full")
  @ValueSource(strings = {"alexnet-photos", "googlenet-photos", "resnet50-photos", "vgg11-photos"})
  void photosAreLearnedByHeart(String recipe) throws Exception {
    double loss = loss(recipe);
    System.out.printf("%s: loss %s%n", recipe, loss);
    double expected = ((Number) Recipe.named(recipe).expected().get("val_loss")).doubleValue();
    assertThat(loss).isLessThanOrEqualTo(expected);
  }

  /** The short form: a quarter of the width, and few small photos, for which 2.8 is a guess. */
  @ParameterizedTest
  @Tag("cluster")
  @CsvSource(
      quoteCharacter = '\"',
      value = {
        "alexnet-photos, \"alexnet:dropout=0,width=0.25\"",
        "googlenet-photos, \"googlenet:auxiliary=0.3,dropout=0,width=0.25\"",
        "resnet50-photos, \"resnet50:width=0.25\"",
        "vgg11-photos, \"vgg11:dropout=0,width=0.25\""
      })
  void fewPhotosAreLearnedByNarrowNetworks(String recipe, String model) throws Exception {
    double loss =
        loss(
            recipe,
            "--model",
            model,
            "--epochs",
            "25",
            "--set",
            "data.batch=8",
            "--set",
            "data.image=3x64x64",
            "--set",
            "data.limit.train=16",
            "--set",
            "data.limit.val=16",
            "--set",
            "optimizer.lr=0.001");
    assertThat(loss).isLessThanOrEqualTo(0.5);
  }

  private double loss(String recipe, String... more) throws Exception {
    assumeTrue(
        Repository.data("photos").isPresent(),
        "no photos/ folder; give its parent by -Dbackdraft.data.dir");
    String photos = "imagefolder:" + Repository.data("photos").orElseThrow();
    Path out = folder.resolve(recipe);
    List<String> command =
        new ArrayList<>(
            List.of(
                "train",
                "--recipe",
                recipe,
                "--data",
                photos,
                "--val",
                photos,
                "--out",
                out.toString()));
    command.addAll(List.of(more));
    JsonNode summary = Training.local(folder, Map.of(), out, command, LIMIT);
    return summary.get("val_loss").asDouble();
  }
}
