package org.backdraft.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that need no Spark, as users call them. */
final class CommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "train",
        "find-lr",
        "eval",
        "summary",
        "recipes",
        "checkpoint",
        "checkpoint list",
        "checkpoint verify",
        "checkpoint prune",
        "doctor",
        "bench",
        "bench step",
        "bench gemm",
        "bench scaling"
      })
  void everyCommandHasHelpWithAnExample(String command) {
    CommandLineRun run = CommandLineRun.of((command + " --help").trim().split(" "));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Usage: backdraft").containsPattern("Examples?:");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void versionNamesBackdraftSparkAndJdk() {
    assertThat(CommandLineRun.of("--version").out())
        .containsPattern("backdraft \\d+\\.\\d+\\.\\d+\\S* \\(\\S.*\\)  Spark 4\\.\\S+  JDK \\d+");
  }

  @Test
  void summaryOfLenetIsTheLecturesTable() throws Exception {
    JsonNode summary =
        JSON.readTree(CommandLineRun.of("summary", "--model", "lenet5", "--json").out());
    List<Integer> parameters = new ArrayList<>();
    List<Integer> activations = new ArrayList<>();
    for (JsonNode layer : summary.get("layers")) {
      addAboveZero(parameters, layer.get("parameters").asInt());
      addAboveZero(activations, layer.get("activations").asInt());
      assertThat(layer.get("name").asText()).isNotBlank();
      assertThat(layer.get("type").asText()).isNotBlank();
      assertThat(layer.get("output").isArray()).isTrue();
      assertThat(layer.get("receptive_field").asInt()).isPositive();
    }
    assertThat(parameters).containsExactly(156, 2416, 48120, 10164, 850);
    assertThat(activations).containsExactly(4704, 1176, 1600, 400, 120, 84, 10);
    assertThat(summary.get("parameters").asInt()).isEqualTo(61_706);
    assertThat(summary.get("multiply_adds").asLong()).isEqualTo(416_520);
  }

  @Test
  void gradientMemoryOfVggIsOneBuffer() throws Exception {
    JsonNode summary =
        JSON.readTree(
            CommandLineRun.of("summary", "--model", "vgg16", "--batch", "32", "--json").out());
    assertThat(summary.get("parameters").asLong()).isEqualTo(138_357_544L);
    JsonNode memory = summary.get("memory");
    assertThat(memory.get("gradient_buffers").asInt()).isEqualTo(1);
    assertThat(memory.get("gradient_bytes").asLong())
        .isBetween(4 * 138_357_544L, 4 * 138_357_544L + 4096);
  }

  @ParameterizedTest
  @ValueSource(strings = {"summary", "train --data digits:train=300,val=30 --dry-run"})
  void memoryIsTakenApartByPurpose(String command) throws Exception {
    String words = command + " --model lenet5 --batch 64 --threads 2";
    JsonNode memory =
        JSON.readTree(CommandLineRun.of((words + " --json").split(" ")).out()).get("memory");
    long sum = 0;
    String text = CommandLineRun.of(words.split(" ")).out();
    for (String purpose :
        List.of("parameter", "gradient", "optimizer", "activation", "workspace")) {
      long bytes = memory.get(purpose + "_bytes").asLong();
      assertThat(bytes).as(purpose).isPositive();
      assertThat(text).containsPattern(purpose + "s? +\\d");
      sum += bytes;
    }
    assertThat(memory.get("total_bytes").asLong()).isEqualTo(sum);
    assertThat(memory.get("parameter_bytes").asLong()).isEqualTo(4 * 61_706L);
  }

  @Test
  void batchTooLargeForAPlanIsRefusedWithWhatToDo() {
    CommandLineRun run = CommandLineRun.of("summary", "--model", "vgg16", "--batch", "100000");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("smaller batch");
  }

  @Test
  void lessonShowsItsTablesAndLeavesThem(@TempDir Path folder) throws Exception {
    Path out = folder.resolve("run");
    CommandLineRun run =
        CommandLineRun.of("train", "--recipe", "exercise", "--out", out.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("-0.212500").contains("Q2");
    assertThat(out.resolve("lesson.txt")).hasContent(run.out());
    assertThat(JSON.readTree(out.resolve("summary.json").toFile()).get("observation_2").asText())
        .isEqualTo("0.110403 -0.200000 0.210403");
    CommandLineRun refused = CommandLineRun.of("train", "--recipe", "exercise", "--epochs", "3");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("'exercise' is a lesson");
  }

  @Test
  void recipesAreListedForPeopleAndMachines() throws Exception {
    assertThat(CommandLineRun.of("recipes").out()).contains("quickstart").contains("lenet5-mnist");
    JsonNode recipes = JSON.readTree(CommandLineRun.of("recipes", "--json").out());
    for (JsonNode recipe : recipes) {
      assertThat(recipe.get("expected").size()).as(recipe.get("name").asText()).isPositive();
    }
  }

  @Test
  void doctorFindsThisJvmFitAndNamesTheKernels() throws Exception {
    CommandLineRun run = CommandLineRun.of("doctor", "--json");
    assertThat(run.exitCode()).as(run.out()).isZero();
    JsonNode checks = JSON.readTree(run.out()).get("checks");
    assertThat(checks.findValuesAsText("subject"))
        .contains("JDK", "JVM flags", "kernels", "cores", "memory", "temporary space");
  }

  @Test
  void stepBenchMeasuresASmallStep() throws Exception {
    CommandLineRun run =
        CommandLineRun.of(
            "bench",
            "step",
            "--model",
            "lenet5",
            "--batch",
            "17",
            "--threads",
            "2",
            "--seconds",
            "0.05",
            "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode result = JSON.readTree(run.out());
    double msPerStep = result.get("ms_per_step").asDouble();
    assertThat(result.get("examples_per_second").asDouble() * msPerStep / 1000)
        .isCloseTo(17, org.assertj.core.api.Assertions.within(1e-6));
    assertThat(result.get("gflops").asDouble()).isPositive();
    assertThat(result.get("peak_fraction").asDouble() * result.get("peak_gflops").asDouble())
        .isCloseTo(
            result.get("gflops").asDouble(), org.assertj.core.api.Assertions.withinPercentage(1));
    assertThat(result.get("optimizer").asText()).isEqualTo("momentum");
    assertThat(result.get("runs").asInt()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void gemmBenchCountsTwoOperationsAnElementOfTheSum() throws Exception {
    CommandLineRun run =
        CommandLineRun.of(
            "bench", "gemm", "--size", "67", "--threads", "2", "--seconds", "0.02", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode result = JSON.readTree(run.out());
    assertThat(result.get("gflops").asDouble() * result.get("ms").asDouble() * 1e6)
        .isCloseTo(2.0 * 67 * 67 * 67, org.assertj.core.api.Assertions.withinPercentage(0.01));
    assertThat(result.get("peak_gflops").asDouble()).isPositive();
  }

  @Test
  void benchScalingPredictsForEveryNumberOfRanks() throws Exception {
    List<String> words =
        List.of(
            "bench",
            "scaling",
            "--model",
            "lenet5",
            "--batch",
            "64",
            "--compute-ms",
            "10",
            "--latency-us",
            "100",
            "--bandwidth-mbytes",
            "1000",
            "--add-gbytes",
            "4",
            "--ranks",
            "2..16");
    CommandLineRun text = CommandLineRun.of(words.toArray(String[]::new));
    assertThat(text.exitCode()).as(text.err()).isZero();
    assertThat(text.out())
        .contains("weak scaling", "batch 64 of each worker", "given", "Predicted");
    assertThat(text.out()).doesNotContain("measured: ");
    List<String> more = new ArrayList<>(words);
    more.add("--json");
    CommandLineRun run = CommandLineRun.of(more.toArray(String[]::new));
    JsonNode result = JSON.readTree(run.out());
    assertThat(result.get("latency_us").asDouble())
        .isCloseTo(100, org.assertj.core.api.Assertions.withinPercentage(1e-9));
    assertThat(result.get("measured")).isEmpty();
    assertThat(result.get("predictions")).hasSize(4);
    JsonNode last = result.get("predictions").get(3);
    assertThat(last.get("ranks").asInt()).isEqualTo(16);
    assertThat(last.get("algorithm").asText()).isEqualTo("halving-doubling");
    assertThat(last.get("peers").asInt()).isEqualTo(4);
    double communication = last.get("communication_ms").asDouble();
    // Reduce-scatter, tail and all-gather take 4 latencies each, and almost nothing else.
    assertThat(communication).isBetween(1.2, 1.9);
    assertThat(last.get("efficiency").asDouble())
        .isCloseTo(
            10 / (10 + communication), org.assertj.core.api.Assertions.withinPercentage(1e-6));
  }

  @Test
  void benchScalingMeasuresWhatIsNotGiven() throws Exception {
    CommandLineRun run =
        CommandLineRun.of(
            "bench",
            "scaling",
            "--model",
            "lenet5",
            "--batch",
            "16",
            "--ranks",
            "2,3",
            "--seconds",
            "0.02",
            "--threads",
            "1",
            "--strong",
            "--latency-us",
            "7",
            "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode result = JSON.readTree(run.out());
    assertThat(result.get("measured").toString())
        .isEqualTo("[\"compute_ms\",\"update_ms\",\"jitter\",\"bandwidth_mbytes\",\"add_gbytes\"]");
    assertThat(result.get("compute_ms").asDouble()).isPositive();
    assertThat(result.get("bandwidth_mbytes").asDouble()).isPositive();
    assertThat(result.get("predictions").get(1).get("algorithm").asText()).isEqualTo("direct");
  }

  @Test
  void printedConfigurationNamesItsSourcesAndTrainsNothing() {
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--recipe",
            "quickstart",
            "--lr",
            "0.01",
            "--set",
            "train.epochs=9",
            "--print-config");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern("lr: 0.01 +# --lr")
        .containsPattern("epochs: 9 +# --set")
        .containsPattern("name: \\S+ +# recipe quickstart:\\d+")
        .containsPattern("leaves: \\d+ +# from data.batch");
  }

  @Test
  void dryRunTellsPlanMemoryAndData() throws Exception {
    JsonNode outline =
        JSON.readTree(
            CommandLineRun.of(
                    "train",
                    "--data",
                    "digits:train=1000,val=100",
                    "--batch",
                    "64",
                    "--workers",
                    "2",
                    "--dry-run",
                    "--json")
                .out());
    assertThat(outline.get("steps_per_epoch").asInt()).isEqualTo(16);
    assertThat(outline.get("parameters").asInt()).isEqualTo(61_706);
    assertThat(outline.get("memory").get("gradient_buffers").asInt()).isEqualTo(1);
    // Momentum's state of half the parameters, rounded to blocks.
    assertThat(outline.get("memory").get("optimizer_bytes").asInt())
        .isBetween(2 * 61_706, 2 * 61_706 + 4 * 4096);
    assertThat(outline.get("train_probe").get("classes").asInt()).isGreaterThan(5);
    assertThat(outline.get("train_probe").get("most_byte").asInt()).isGreaterThan(200);
    assertThat(outline.get("algorithm").asText()).isEqualTo("halving-doubling");
    // All parameters, the loss and its kin, once: half to the owner, half of the result back.
    assertThat(outline.get("sent_bytes_per_step").asLong())
        .isBetween(4 * 61_706L, 4 * (61_706L + 16));
    assertThat(outline.get("extra_bytes_per_step").asLong()).isZero();
    assertThat(outline.get("leaf_imbalance").asDouble()).isEqualTo(1);
  }

  private static CommandLineRun accumulating(int pieces, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("train", "--data", "digits:train=1000,val=100", "--batch", "128", "--dry-run"));
    words.addAll(List.of("--workers", "2", "--set", "train.accumulate=" + pieces));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  @Test
  void dryRunTellsThePiecesOfABatchAndTheirMemory() throws Exception {
    JsonNode whole = JSON.readTree(accumulating(1, "--json").out());
    JsonNode pieced = JSON.readTree(accumulating(4, "--json").out());
    assertThat(whole.get("pieces").asInt()).isEqualTo(1);
    assertThat(whole.get("piece_examples").asInt()).isEqualTo(64);
    assertThat(pieced.get("pieces").asInt()).isEqualTo(4);
    assertThat(pieced.get("piece_examples").asInt()).isEqualTo(16);
    assertThat(pieced.get("batch").asInt()).isEqualTo(128);
    assertThat(pieced.get("memory").get("gradient_buffers").asInt()).isEqualTo(3);
    assertThat(pieced.get("memory").get("activation_bytes").asLong())
        .isLessThan(whole.get("memory").get("activation_bytes").asLong() / 3);
    assertThat(accumulating(1).out()).doesNotContain("pieces");
    assertThat(accumulating(4).out()).contains(", in 4 pieces of at most 16 examples  ");
    CommandLineRun refused = accumulating(5);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("train.accumulate").contains("(4, of 8 over 2): got 5");
  }

  @Test
  void dryRunTellsWhatANumberOfWorkersThatIsNoPowerOfTwoCosts() {
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--data",
            "digits:train=1000,val=100",
            "--workers",
            "3",
            "--set",
            "train.leaves=4",
            "--dry-run");
    assertThat(run.out())
        .contains("sync   direct")
        .contains("busiest of 3 workers")
        .contains("3 workers are no power of two")
        .contains("takes 50% longer than an even split");
  }

  @ParameterizedTest
  @ValueSource(strings = {"executors", "driver"})
  void dryRunTellsWhatAParameterServerTakes(String placement) throws Exception {
    String words =
        "train --data digits:train=1000,val=100 --workers 2 --dry-run"
            + " --set sync.strategy=parameter-server --set sync.placement="
            + placement;
    JsonNode outline = JSON.readTree(CommandLineRun.of((words + " --json").split(" ")).out());
    boolean inDriver = placement.equals("driver");

    assertThat(outline.get("shards").asInt()).isEqualTo(inDriver ? 1 : 2);
    assertThat(outline.get("sync_driver_bytes").asLong() > 0).isEqualTo(inDriver);
    // The pulled table at least; momentum is the shards' alone.
    assertThat(outline.get("sync_worker_bytes").asLong()).isGreaterThan(4 * 61_706L);
    assertThat(outline.get("memory").get("optimizer_bytes").asLong()).isZero();
    assertThat(CommandLineRun.of(words.split(" ")).out())
        .contains("server bsp, %d shard(s) in the %s".formatted(inDriver ? 1 : 2, placement));
  }

  private static void addAboveZero(List<Integer> list, int value) {
    if (value > 0) {
      list.add(value);
    }
  }
}
