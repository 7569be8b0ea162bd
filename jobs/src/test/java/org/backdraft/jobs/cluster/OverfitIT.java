package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.backdraft.jobs.config.Recipe;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Large networks learn 64 photos by heart: the loss on them in evaluation mode shows that all of
 * such a network learns, running statistics included.
 */
@Tag("full")
final class OverfitIT {
  private static final Duration LIMIT = Duration.ofMinutes(40);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"alexnet-photos", "googlenet-photos", "vgg11-photos"})
  void photosAreLearnedByHeart(String recipe) throws Exception {
    assumeTrue(
        Repository.data("photos").isPresent(),
        "no photos/ folder; give its parent by -Dbackdraft.data.dir");
    String photos = "imagefolder:" + Repository.data("photos").orElseThrow();
    Path out = folder.resolve(recipe);
    JsonNode summary =
        Training.local(
            folder,
            Map.of(),
            out,
            List.of(
                "train",
                "--recipe",
                recipe,
                "--data",
                photos,
                "--val",
                photos,
                "--out",
                out.toString()),
            LIMIT);
    double expected = ((Number) Recipe.named(recipe).expected().get("val_loss")).doubleValue();
    assertThat(summary.get("val_loss").asDouble()).isLessThanOrEqualTo(expected);
    System.out.printf("%s: loss %s%n", recipe, summary.get("val_loss"));
  }
}
