package org.backdraft.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What users get wrong ends before training, with a clear message and its exit code. */
final class BadInputTest {
  @TempDir Path folder;

  /** A prediction with nothing to measure, and with these words. */
  private static List<String> scaling(String... words) {
    List<String> all = new ArrayList<>(List.of("bench", "scaling"));
    all.addAll(List.of("--compute-ms", "10", "--latency-us", "10", "--add-gbytes", "4"));
    List<String> given = List.of(words);
    all.addAll(given.contains("--model") ? List.of() : List.of("--model", "lenet5"));
    all.addAll(
        given.contains("--bandwidth-mbytes") ? List.of() : List.of("--bandwidth-mbytes", "9"));
    all.addAll(given);
    return all;
  }

  /** Words of the command, exit code, and what the message must contain. */
  static Stream<Arguments> mistakes() {
    return Stream.of(
        arguments(scaling("--ranks", "1..8"), 2, List.of("--ranks", "2..4096", "'1..8'")),
        arguments(scaling("--ranks", "2..8192"), 2, List.of("[2, 4096]", "'2..8192'")),
        arguments(scaling("--ranks", "4,2"), 2, List.of("ascending", "'4,2'")),
        arguments(scaling("--ranks", "many"), 2, List.of("'many'")),
        arguments(scaling("--jitter", "-1"), 2, List.of("--jitter", "at least 0", "-1.0")),
        arguments(scaling("--jitter", "11"), 2, List.of("coefficient of variation", "11")),
        arguments(scaling("--bandwidth-mbytes", "0"), 2, List.of("--bandwidth-mbytes", "above 0")),
        arguments(scaling("--update-ms", "NaN"), 2, List.of("--update-ms", "NaN")),
        arguments(scaling("--ranks-per-host", "0"), 2, List.of("--ranks-per-host", "0")),
        arguments(scaling("--order", "slow"), 2, List.of("--order", "exact or fast", "slow")),
        arguments(scaling("--algorithm", "ring"), 2, List.of("--algorithm", "ring")),
        arguments(
            scaling("--algorithm", "direct", "--order", "fast"), 2, List.of("--algorithm", "auto")),
        arguments(
            scaling("--algorithm", "halving-ring", "--ranks", "3"),
            2,
            List.of("power of two", "3")),
        arguments(
            scaling("--strong", "--batch", "8", "--ranks", "2..16"),
            2,
            List.of("--batch", "16", "--strong", "8")),
        arguments(
            scaling("--model", "resnet50", "--algorithm", "direct", "--ranks", "4096"),
            2,
            List.of("direct of 4096 ranks", "power of two")),
        arguments(
            List.of("bench", "scaling", "--model", "mlp", "--update-ms", "1"),
            2,
            List.of("--update-ms", "--compute-ms")),
        arguments(List.of("train", "--model", "lenet"), 2, List.of("'lenet'", "'lenet5'")),
        arguments(List.of("train", "--recipe", "quikstart"), 2, List.of("'quickstart'")),
        arguments(List.of("train", "--recipe", "lenet5-mnist"), 2, List.of("needs --data idx:DIR")),
        arguments(
            List.of("train", "--set", "optimiser.lr=1"), 2, List.of("'optimizer.lr'", "--set")),
        arguments(List.of("train", "--set", "nonsense"), 2, List.of("KEY=VALUE")),
        arguments(List.of("train", "--lr", "NaN"), 2, List.of("optimizer.lr", "NaN")),
        arguments(List.of("train", "--lr", "0"), 2, List.of("optimizer.lr")),
        arguments(List.of("train", "--lr", "quick"), 2, List.of("optimizer.lr", "'quick'", "--lr")),
        arguments(List.of("train", "--epochs", "0"), 2, List.of("train.epochs")),
        arguments(List.of("train", "--batch", "0"), 2, List.of("data.batch")),
        arguments(
            List.of("train", "--batch", "64", "--workers", "8"), 2, List.of("train.leaves=8")),
        arguments(
            List.of(
                "train",
                "--data",
                "digits:train=100,val=50",
                "--workers",
                "3",
                "--set",
                "sync.algorithm=halving-ring"),
            2,
            List.of("sync.algorithm=halving-ring", "power of two", "sync.algorithm=auto")),
        arguments(
            List.of("train", "--set", "sync.order=fast", "--set", "sync.algorithm=direct"),
            2,
            List.of("sync.algorithm must be auto", "direct")),
        arguments(
            List.of("train", "--data", "digits:train=100,val=50", "--batch", "101"),
            2,
            List.of("data.batch", "100", "101")),
        arguments(List.of("train", "--data", "digit:"), 2, List.of("'digits:'")),
        arguments(List.of("train", "--data", "idx:/no/such/folder"), 3, List.of("/no/such/folder")),
        arguments(List.of("train", "--config", "/no/such.yaml"), 2, List.of("/no/such.yaml")),
        arguments(
            List.of("train", "--init-weights", "/no/such.safetensors"),
            3,
            List.of("/no/such.safetensors")),
        arguments(
            List.of("eval", "--model", "/no/run", "--data", "digits:"), 3, List.of("/no/run")),
        arguments(List.of("eval", "--data", "digits:"), 2, List.of("--model", "--help")),
        arguments(List.of("summary", "--model", "vgg-16"), 2, List.of("'vgg16'")),
        arguments(List.of("summary", "--model", "lenet5", "--input", "1x28"), 2, List.of("28x28")),
        arguments(List.of("summary", "--model", "mlp", "--input", "axb"), 2, List.of("1x28x28")),
        arguments(
            List.of("bench", "step", "--model", "mlp", "--batch", "0"), 2, List.of("--batch")),
        arguments(
            List.of("bench", "step", "--model", "mlp", "--leaves", "3"), 2, List.of("leaves")),
        arguments(
            List.of("bench", "step", "--model", "mlp", "--optimizer", "adm"),
            2,
            List.of("adam", "adm")),
        arguments(List.of("bench", "gemm", "--size", "0"), 2, List.of("--size")),
        arguments(List.of("bench", "gemm", "--seconds", "0"), 2, List.of("--seconds")),
        arguments(List.of("bench"), 2, List.of("step")),
        arguments(List.of("trian"), 2, List.of("train")),
        arguments(List.of(), 2, List.of("A command is needed")));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistakeIsRefusedInWords(List<String> words, int exitCode, List<String> message) {
    boolean trains = words.contains("train");
    String[] command =
        Stream.concat(
                words.stream(),
                trains ? Stream.of("--out", folder.resolve("run").toString()) : Stream.of())
            .toArray(String[]::new);
    CommandLineRun run = CommandLineRun.of(command);
    assertThat(run.err()).contains(message).doesNotContain("\tat ");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void outputFolderThatCannotBeWrittenIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    CommandLineRun run = CommandLineRun.of("train", "--out", file.resolve("run").toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("writable").contains(file.resolve("run").toString());
  }

  @Test
  void unknownKeyInAFileIsRefusedWithItsLine() throws Exception {
    Path file = Files.writeString(folder.resolve("run.yaml"), "model: mlp\ndata:\n  bach: 1\n");
    CommandLineRun run = CommandLineRun.of("train", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("run.yaml:3").contains("'data.batch'");
  }

  @Test
  void modelFileWithAnUnknownLayerIsRefusedByName() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("net.yaml"),
            "{name: net, input: [1, 28, 28], layers: [{name: a, type: lineal, out: 10}]}");
    CommandLineRun run = CommandLineRun.of("summary", "--model", file.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("net.yaml").contains("'lineal'").contains("'linear'");
  }

  @Test
  void dataThatDoesNotFitTheModelIsRefusedWithBothShapes() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("net.yaml"),
            "{name: net, input: [3, 32, 32], layers: [{name: f, type: flatten}, {name: a, type:"
                + " linear, out: 10}]}");
    CommandLineRun run =
        CommandLineRun.of(
            "train", "--model", file.toString(), "--out", folder.resolve("run").toString());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains("(3, 32, 32)").contains("(1, 28, 28)").doesNotContain("\tat ");
  }

  @Test
  void debugAddsTheStackTrace() {
    CommandLineRun run = CommandLineRun.of("summary", "--model", "none", "--debug");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("\tat org.backdraft");
  }
}
