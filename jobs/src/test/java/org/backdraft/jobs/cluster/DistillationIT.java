package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A student learns more from its teacher and the labels than from the labels alone. */
final class DistillationIT {
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final int SEEDS = 5;

  @TempDir Path folder;

  @Test
  @Tag("full")
  void aTaughtStudentIsBetterThanOneAloneOverFiveSeeds() throws Exception {
    assumeTrue(
        Repository.mnist().isPresent(),
        "no mnist/ folder; give its parent by -Dbackdraft.data.dir");
    String data = "idx:" + Repository.mnist().orElseThrow();
    JsonNode teacher = run("teacher", "distillation-teacher", data);
    assertThat(accuracy(teacher)).isGreaterThanOrEqualTo(0.99);

    double[] taught = new double[SEEDS];
    double[] alone = new double[SEEDS];
    for (int i = 0; i < SEEDS; i++) {
      String seed = "train.seed=" + (i + 1);
      taught[i] =
          accuracy(run("taught" + i, "distillation", data, "--set", seed, "--set", taughtBy()));
      alone[i] = accuracy(run("alone" + i, "distillation", data, "--set", seed));
      System.out.printf("seed %d: taught %.4f, alone %.4f%n", i + 1, taught[i], alone[i]);
    }
    System.out.printf(
        "taught %.4f ± %.4f, alone %.4f ± %.4f%n",
        mean(taught), deviation(taught), mean(alone), deviation(alone));
    assertThat(mean(taught)).isGreaterThan(mean(alone) + deviation(taught) + deviation(alone));
  }

  /** The short form: generated digits, few of them, and few epochs. */
  @Test
  @Tag("cluster")
  void aStudentLearnsFromATeacher() throws Exception {
    String data = "digits:train=1200,val=300";
    JsonNode teacher = run("teacher", "distillation-teacher", data, "--epochs", "4");
    assertThat(accuracy(teacher)).isGreaterThanOrEqualTo(0.8);
    JsonNode taught =
        run("taught", "distillation", data, "--epochs", "8", "--set", taughtBy(), "--workers", "2");
    assertThat(accuracy(taught)).isGreaterThanOrEqualTo(0.7);
    JsonNode alone = run("alone", "distillation", data, "--epochs", "8");
    assertThat(alone.get("parameters")).isEqualTo(taught.get("parameters"));
    assertThat(alone.get("weights_sha256")).isNotEqualTo(taught.get("weights_sha256"));
  }

  private String taughtBy() {
    return "distill.teacher=" + folder.resolve("teacher");
  }

  private JsonNode run(String name, String recipe, String data, String... more) throws Exception {
    Path out = folder.resolve(name);
    List<String> command =
        new ArrayList<>(
            List.of("train", "--recipe", recipe, "--data", data, "--out", out.toString()));
    command.addAll(List.of(more));
    return Training.local(folder, Map.of(), out, command, LIMIT);
  }

  private static double accuracy(JsonNode summary) {
    return summary.get("val_accuracy").asDouble();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / (values.length - 1));
  }
}
