package org.backdraft.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.backdraft.jobs.model.TrainedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small trainings through Spark in this JVM, and what they leave behind. */
final class TrainCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DATA = "digits:train=300,val=90";
  private static final String TINY =
      """
      name: tiny
      input: [1, 28, 28]
      layers:
        - {name: flatten, type: flatten}
        - {name: fc1, type: linear, out: 20}
        - {name: relu1, type: relu}
        - {name: fc2, type: linear, out: 10}
      """;

  @TempDir Path folder;

  @Test
  void runLeavesItsFilesAndTheModelEvaluatesToTheSameNumbers() throws Exception {
    Path out = folder.resolve("a run");
    CommandLineRun run = train(out, "--model", tiny(), "--epochs", "2");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode summary = summary(out);
    assertThat(summary.get("status").asText()).isEqualTo("completed");
    assertThat(summary.get("epochs").asInt()).isEqualTo(2);
    assertThat(summary.get("steps").asInt()).isEqualTo(10);
    assertThat(summary.get("restarts").asInt()).isZero();
    assertThat(summary.get("weights_sha256").asText()).matches("[0-9a-f]{64}");
    assertThat(JSON.readTree(run.out()).get("weights_sha256"))
        .isEqualTo(summary.get("weights_sha256"));
    assertThat(Files.readAllLines(out.resolve("metrics.jsonl"))).hasSize(10 + 2);
    assertThat(Files.readAllLines(out.resolve("results.csv"))).hasSize(1 + 2);
    assertThat(summary.get("sync").get("reason").asText()).contains("one worker");
    assertThat(summary.get("times").get("waiting_seconds").toString()).isEqualTo("[0.0]");
    assertThat(Files.readString(out.resolve("model.yaml"))).contains("name: tiny");
    JsonNode naive = summary.get("baselines");
    assertThat(naive.get("majority_accuracy").asDouble()).isBetween(0.02, 0.3);
    assertThat(naive.get("nearest_neighbor_accuracy").asDouble())
        .isGreaterThan(naive.get("majority_accuracy").asDouble() + 0.2);
    assertThat(naive.get("nearest_neighbor_val_examples").asInt()).isEqualTo(90);
    assertThat(naive.get("linear_accuracy").asDouble())
        .isGreaterThan(naive.get("majority_accuracy").asDouble() + 0.2);
    assertThat(run.err()).containsPattern("naive  most frequent class .*%  linear .*%  nearest n");
    JsonNode fit = summary.get("fit");
    assertThat(fit.get("verdict").asText()).isIn("underfits", "overfits", "fits");
    assertThat(fit.get("val_error").asDouble())
        .isCloseTo(1 - summary.get("val_accuracy").asDouble(), within(1e-12));
    assertThat(fit.get("naive_error").asDouble())
        .isCloseTo(1 - naive.get("majority_accuracy").asDouble(), within(1e-12));
    assertThat(Files.readString(out.resolve("curves.svg"))).contains("validation", "naive");

    CommandLineRun evaluated =
        CommandLineRun.of("eval", "--model", out.toString(), "--data", DATA, "--json");
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    JsonNode report = JSON.readTree(evaluated.out());
    assertThat(report.get("accuracy").asDouble()).isEqualTo(summary.get("val_accuracy").asDouble());
    assertThat(report.get("examples").asInt()).isEqualTo(90);
    assertThat(report.get("top5").asDouble()).isBetween(report.get("accuracy").asDouble(), 1.0);
    CommandLineRun refused =
        CommandLineRun.of(
            "eval", "--model", out.toString(), "--data", DATA, "--reestimate-batchnorm");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("batch normalization: 'tiny' has none");
  }

  @Test
  void twoWorkersTellHowTheyAgreeAndWhereTheirTimeGoes() throws Exception {
    Path out = folder.resolve("run");
    CommandLineRun run = train(out, "--model", tiny(), "--epochs", "1", "--workers", "2");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("sync   halving-doubling  not measured");
    JsonNode sync = summary(out).get("sync");
    assertThat(sync.get("algorithm").asText()).isEqualTo("halving-doubling");
    assertThat(sync.get("exact").asBoolean()).isTrue();
    assertThat(sync.get("reproducible").asBoolean()).isTrue();
    assertThat(run.err()).containsOnlyOnce("epoch   loss     acc");
    JsonNode times = summary(out).get("times");
    for (int rank = 0; rank < 2; rank++) {
      double whole = 0;
      for (String part : List.of("compute", "communication", "waiting", "data")) {
        assertThat(times.get(part + "_seconds").get(rank).asDouble()).isNotNegative();
        whole += times.get(part + "_fraction").get(rank).asDouble();
      }
      assertThat(times.get("compute_seconds").get(rank).asDouble()).isPositive();
      assertThat(whole).isCloseTo(1, within(1e-5));
    }
    for (String line : Files.readAllLines(out.resolve("metrics.jsonl")).subList(0, 5)) {
      JsonNode step = JSON.readTree(line);
      for (String part : List.of("compute", "communication", "waiting", "data")) {
        assertThat(step.get(part + "_ms")).hasSize(2);
      }
      assertThat(step.get("compute_ms").get(1).asDouble()).isPositive();
    }
  }

  @Test
  void configOfARunRepeatsItAndItsModelCanBeTheStartOfAnother() throws Exception {
    Path first = folder.resolve("first");
    train(first, "--model", tiny(), "--epochs", "1");
    Path second = folder.resolve("second");
    CommandLineRun again =
        CommandLineRun.of(
            "train",
            "--config",
            first.resolve("config.yaml").toString(),
            "--out",
            second.toString());
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(summary(second).get("weights_sha256"))
        .isEqualTo(summary(first).get("weights_sha256"));

    Path third = folder.resolve("third");
    CommandLineRun tuned =
        train(
            third,
            "--model",
            first.resolve("model.yaml").toString(),
            "--init-weights",
            first.resolve("model.safetensors").toString(),
            "--epochs",
            "1");
    assertThat(tuned.exitCode()).as(tuned.err()).isZero();
    assertThat(summary(third).get("val_loss").asDouble())
        .isLessThan(summary(first).get("val_loss").asDouble());
  }

  @Test
  void statisticsOfTheTrainingDataTravelWithTheModel() throws Exception {
    Path out = folder.resolve("run");
    CommandLineRun run =
        train(out, "--model", tiny(), "--epochs", "1", "--set", "data.normalize=standard");
    assertThat(run.exitCode()).as(run.err()).isZero();
    // The test split has another mean: only the training data's gives the same loss.
    CommandLineRun evaluated =
        CommandLineRun.of(
            "eval", "--model", out.toString(), "--data", DATA, "--batch", "64", "--json");
    assertThat(JSON.readTree(evaluated.out()).get("loss")).isEqualTo(summary(out).get("val_loss"));
  }

  @Test
  void divergedRunSaysStepAndLayerAndLeavesASummary() throws Exception {
    Path out = folder.resolve("run");
    CommandLineRun run = train(out, "--model", tiny(), "--lr", "1e30");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(4);
    assertThat(run.err())
        .containsPattern("step \\d+")
        .containsPattern("'(flatten|fc\\d|relu\\d|loss)'");
    assertThat(run.out()).isEmpty();
    JsonNode summary = summary(out);
    assertThat(summary.get("status").asText()).isEqualTo("diverged");
    assertThat(summary.get("error").asText()).contains("step");
  }

  @Test
  void aRecipeThatNeedsWeightsSaysSoAndAnotherHeadCanReplaceTheOld() throws Exception {
    CommandLineRun bare = CommandLineRun.of("train", "--recipe", "fine-tuning");
    assertThat(bare.exitCode()).isEqualTo(2);
    assertThat(bare.err()).contains("needs --init-weights RUN, a run of the recipe");
    CommandLineRun without = train(folder.resolve("x"), "--set", "init.fresh=fc2.*");
    assertThat(without.exitCode()).isEqualTo(2);
    assertThat(without.err()).contains("init.fresh is for runs that start with trained weights");

    Path first = folder.resolve("first");
    train(first, "--model", tiny(), "--epochs", "1");
    List<String> tuning =
        List.of(
            "--model",
            tiny(),
            "--init-weights",
            first.toString(),
            "--epochs",
            "1",
            "--set",
            "init.fresh=fc2.*");
    CommandLineRun tuned = train(folder.resolve("second"), tuning.toArray(String[]::new));
    assertThat(tuned.exitCode()).as(tuned.err()).isZero();
    assertThat(tuned.err()).contains("start  fc2.weight (10, 20), fc2.bias (10) start anew");
    assertThat(summary(folder.resolve("second")).get("weights_sha256"))
        .isNotEqualTo(summary(first).get("weights_sha256"));
  }

  @Test
  void everyFoldIsTrainedInItsFolderAndTheirSpreadIsTold() throws Exception {
    Path out = folder.resolve("run");
    CommandLineRun run =
        train(
            out,
            "--model",
            tiny(),
            "--epochs",
            "6",
            "--set",
            "cross-validation.folds=3",
            "--set",
            "early-stopping.patience=1",
            "--set",
            "early-stopping.min-delta=9");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode summary = summary(out);
    assertThat(summary.get("status").asText()).isEqualTo("completed");
    JsonNode folds = summary.get("cross_validation").get("results");
    assertThat(folds).hasSize(3);
    double sum = 0;
    for (int fold = 1; fold <= 3; fold++) {
      JsonNode own = summary(out.resolve("fold-" + fold));
      assertThat(own.get("epochs").asInt()).as("stopped early").isEqualTo(2);
      assertThat(own.get("weights_sha256")).isEqualTo(folds.get(fold - 1).get("weights_sha256"));
      sum += own.get("val_accuracy").asDouble();
    }
    assertThat(summary.get("val_accuracy").asDouble()).isCloseTo(sum / 3, within(1e-12));
    assertThat(folds.get(0).get("weights_sha256")).isNotEqualTo(folds.get(1).get("weights_sha256"));
    JsonNode spread = summary.get("cross_validation").get("spread").get("val_loss");
    assertThat(spread.get("least").asDouble()).isLessThan(spread.get("most").asDouble());
    assertThat(JSON.readTree(run.out()).get("val_accuracy")).isEqualTo(summary.get("val_accuracy"));

    Path alone = folder.resolve("alone");
    CommandLineRun again =
        CommandLineRun.of(
            "train",
            "--config",
            out.resolve("fold-2").resolve("config.yaml").toString(),
            "--workers",
            "2",
            "--out",
            alone.toString());
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(summary(alone).get("weights_sha256")).isEqualTo(folds.get(1).get("weights_sha256"));
  }

  @Test
  void anInterruptedCrossValidationGoesOnWithTheFoldsThatAreMissing() throws Exception {
    Path out = folder.resolve("run");
    CommandLineRun run =
        train(
            out,
            "--model",
            tiny(),
            "--epochs",
            "2",
            "--set",
            "cross-validation.folds=4",
            "--set",
            "checkpoint.every=2 steps");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode clean = summary(out);
    // As if it had been killed in the second fold; the third has begun without a checkpoint.
    Files.delete(out.resolve("fold-2").resolve("summary.json"));
    Files.delete(out.resolve("fold-2").resolve("model.safetensors"));
    Files.delete(out.resolve("fold-3").resolve("summary.json"));
    deleteAll(out.resolve("fold-3").resolve("checkpoints"));
    deleteAll(out.resolve("fold-4"));
    byte[] first = Files.readAllBytes(out.resolve("fold-1").resolve("metrics.jsonl"));

    CommandLineRun weights =
        CommandLineRun.of(
            "train",
            "--resume",
            out.toString(),
            "--init-weights",
            out.resolve("fold-1").toString());
    assertThat(weights.exitCode()).isEqualTo(2);
    assertThat(weights.err()).contains("has begun with random weights");

    CommandLineRun resumed = CommandLineRun.of("train", "--resume", out.toString());
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("1 of 4, done before").contains("2 of 4\n");
    JsonNode summary = summary(out);
    assertThat(summary.get("status").asText()).isEqualTo("completed");
    for (int fold = 0; fold < 4; fold++) {
      for (String key : List.of("fold", "weights_sha256", "val_loss", "val_accuracy", "steps")) {
        assertThat(results(summary).get(fold).get(key))
            .as("fold %d, %s", fold + 1, key)
            .isEqualTo(results(clean).get(fold).get(key));
      }
    }
    assertThat(summary.get("val_accuracy")).isEqualTo(clean.get("val_accuracy"));
    assertThat(Files.readAllBytes(out.resolve("fold-1").resolve("metrics.jsonl"))).isEqualTo(first);
    for (int fold = 2; fold <= 4; fold++) {
      Path metrics = out.resolve("fold-" + fold).resolve("metrics.jsonl");
      assertThat(Files.readAllLines(metrics)).as("fold %d", fold).hasSize(2 * 4 + 2);
    }
    assertThat(out.resolve("fold-2").resolve("model.safetensors")).isNotEmptyFile();
  }

  private static JsonNode results(JsonNode summary) {
    return summary.get("cross_validation").get("results");
  }

  private static void deleteAll(Path folder) throws Exception {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Test
  void aModelKnowsTheNamesOfItsClasses() throws Exception {
    Path out = folder.resolve("run");
    CommandLineRun run = train(out, "--model", tiny(), "--epochs", "1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(TrainedModel.read(out).data().classes())
        .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    CommandLineRun others =
        CommandLineRun.of("eval", "--model", out.toString(), "--data", "digits:only=789,val=90");
    assertThat(others.exitCode()).isEqualTo(3);
    assertThat(others.err()).contains("the classes that the model was trained on");
    CommandLineRun shown = CommandLineRun.of("summary", "--model", out.toString(), "--json");
    assertThat(shown.exitCode()).as(shown.err()).isZero();
    assertThat(JSON.readTree(shown.out()).get("classes")).hasSize(10);
    assertThat(CommandLineRun.of("summary", "--model", out.toString()).out())
        .contains("Classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
  }

  @Test
  void aRunThatStopsEarlySaysWhyAndKeepsItsBestEpoch() throws Exception {
    Path out = folder.resolve("run");
    // Nothing is better than the first epoch by the whole of an accuracy.
    CommandLineRun run =
        train(
            out,
            "--model",
            tiny(),
            "--epochs",
            "9",
            "--set",
            "early-stopping.monitor=val_accuracy",
            "--set",
            "early-stopping.min-delta=1",
            "--set",
            "early-stopping.patience=2");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode summary = summary(out);
    assertThat(summary.get("status").asText()).isEqualTo("completed");
    assertThat(summary.get("epochs").asInt()).isEqualTo(3);
    JsonNode early = summary.get("early_stopping");
    assertThat(early.get("stopped").asBoolean()).isTrue();
    assertThat(early.get("best_epoch").asInt()).isEqualTo(1);
    assertThat(early.get("best")).isEqualTo(summary.get("val_accuracy"));
    assertThat(early.get("last_val_loss")).isNotEqualTo(summary.get("val_loss"));
    assertThat(early.get("reason").asText()).contains("the weights of epoch 1 are kept");

    CommandLineRun evaluated =
        CommandLineRun.of("eval", "--model", out.toString(), "--data", DATA, "--json");
    JsonNode report = JSON.readTree(evaluated.out());
    assertThat(report.get("accuracy")).isEqualTo(summary.get("val_accuracy"));
    assertThat(report.get("loss").asDouble())
        .isCloseTo(summary.get("val_loss").asDouble(), within(1e-6));
  }

  @Test
  void missedTargetIsAnExitCodeOfItsOwnButLeavesTheModel() throws Exception {
    Path out = folder.resolve("run");
    CommandLineRun run =
        train(out, "--model", tiny(), "--epochs", "1", "--set", "train.target=0.9999");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(5);
    assertThat(summary(out).get("status").asText()).isEqualTo("target-missed");
    assertThat(out.resolve("model.safetensors")).isNotEmptyFile();
  }

  private String tiny() throws Exception {
    return Files.writeString(folder.resolve("tiny.yaml"), TINY).toString();
  }

  private static CommandLineRun train(Path out, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("train", "--data", DATA, "--threads", "1", "--json", "--out", out.toString()));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  private static JsonNode summary(Path out) throws Exception {
    return JSON.readTree(out.resolve("summary.json").toFile());
  }
}
