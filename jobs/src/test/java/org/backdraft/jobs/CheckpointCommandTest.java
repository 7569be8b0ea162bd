package org.backdraft.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.backdraft.checkpoint.Checkpoint;
import org.backdraft.checkpoint.CheckpointState;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.checkpoint.NamedTensor;
import org.backdraft.data.HadoopSettings;
import org.backdraft.driver.TrainedOn;
import org.backdraft.driver.Weights;
import org.backdraft.jobs.model.ModelLookup;
import org.backdraft.jobs.model.TrainedModel;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands on checkpoints, as users call them. */
final class CheckpointCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path run;

  private CheckpointStore store;

  /** Three checkpoints, of which the first is the best, and a fourth that was not finished. */
  @BeforeEach
  void writeCheckpoints() throws IOException {
    store = CheckpointStore.open(run.resolve("checkpoints").toString(), HadoopSettings.defaults());
    for (int i = 1; i <= 3; i++) {
      store.write(
          new Checkpoint(
              state(100L * i, Map.of(CheckpointState.METRIC, 0.9 / i)),
              List.of(new NamedTensor("fc.weight", Shape.of(2), new float[] {i, -i})),
              List.of()),
          1);
    }
    Files.createDirectories(attempt(400));
    Files.writeString(attempt(400).resolve(".model.safetensors.unfinished"), "half");
  }

  private static CheckpointState state(long step, Map<String, Object> details) {
    return new CheckpointState(step, 0, step, 2, "c", "w", details);
  }

  private Path attempt(int step) {
    return run.resolve("checkpoints/step-000000000" + step + "/attempt-1");
  }

  private CommandLineRun checkpoint(String command, String... options) {
    String[] words = new String[3 + options.length];
    words[0] = "checkpoint";
    words[1] = command;
    words[2] = run.toString();
    System.arraycopy(options, 0, words, 3, options.length);
    return CommandLineRun.of(words);
  }

  /** Flips the last bit of a file: its size stays. */
  private static void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/checkpoints", "/"})
  void listNamesAllNewestFirst(String below) throws IOException {
    CommandLineRun listed = CommandLineRun.of("checkpoint", "list", run + below);
    assertThat(listed.exitCode()).as(listed.err()).isZero();
    assertThat(listed.out().lines().toList()).hasSize(5);
    assertThat(listed.out())
        .containsPattern("step +attempt +size +val_accuracy +path")
        .containsPattern("400 +1 +4 bytes +- +unfinished +/.*step-000000000400/attempt-1\n")
        .containsPattern("(?s)400 .*300 .*200 .*100 +1 .* 0\\.9000 ");
    assertThat(listed.err()).isEmpty();
  }

  @Test
  void listForMachines() throws IOException {
    JsonNode listed = JSON.readTree(checkpoint("list", "--json").out());
    assertThat(listed.get("folder").asText()).isEqualTo(run.resolve("checkpoints").toString());
    JsonNode first = listed.get("checkpoints").get(0);
    assertThat(first.get("committed").asBoolean()).isFalse();
    assertThat(first.get("val_accuracy").isNull()).isTrue();
    JsonNode second = listed.get("checkpoints").get(1);
    assertThat(second.get("step").asLong()).isEqualTo(300);
    assertThat(second.get("attempt").asInt()).isEqualTo(1);
    assertThat(second.get("committed").asBoolean()).isTrue();
    assertThat(second.get("val_accuracy").asDouble()).isEqualTo(0.9 / 3);
    assertThat(second.get("bytes").asLong()).isPositive();
    assertThat(second.get("path").asText()).isEqualTo(attempt(300).toString());
  }

  @Test
  void verifyStopsAtTheFirstSoundOne() throws IOException {
    assertThat(checkpoint("verify").out()).isEqualTo("sound    " + attempt(300) + "\n");
    damage(attempt(300).resolve("model.safetensors"));
    CommandLineRun verified = checkpoint("verify");
    assertThat(verified.exitCode()).isZero();
    assertThat(verified.out())
        .contains("damaged  " + attempt(300))
        .contains(attempt(300).resolve("model.safetensors") + " must have the CRC32C")
        .contains("sound    " + attempt(200))
        .doesNotContain(attempt(100).toString());
  }

  @Test
  void verifyAllFailsForOneThatIsDamagedAndSaysWhatIs() throws IOException {
    CommandLineRun sound = checkpoint("verify", "--all");
    assertThat(sound.exitCode()).isZero();
    assertThat(sound.out().lines()).hasSize(3);
    Files.writeString(attempt(200).resolve("note.txt"), "mine");
    assertThat(checkpoint("verify", "--all").out()).contains("note: ", "note.txt");
    damage(attempt(100).resolve("state.json"));
    Files.delete(attempt(100).resolve("model.safetensors"));
    CommandLineRun damaged = checkpoint("verify", "--all", "--json");
    assertThat(damaged.exitCode()).isEqualTo(3);
    JsonNode report = JSON.readTree(damaged.out());
    assertThat(report.get("passed").asBoolean()).isFalse();
    JsonNode worst = report.get("checkpoints").get(2);
    assertThat(worst.get("sound").asBoolean()).isFalse();
    assertThat(worst.get("problems")).hasSize(2);
    assertThat(report.get("checkpoints").get(1).get("remarks")).hasSize(1);
  }

  @Test
  void verifyFailsWhereNoneIsSound() throws IOException {
    for (int step = 100; step <= 300; step += 100) {
      damage(attempt(step).resolve("MANIFEST.json"));
    }
    CommandLineRun verified = checkpoint("verify");
    assertThat(verified.exitCode()).isEqualTo(3);
    assertThat(verified.out().lines().filter(line -> line.startsWith("damaged"))).hasSize(3);
    for (int step = 100; step <= 300; step += 100) {
      Files.delete(attempt(step).resolve("_COMMIT"));
    }
    verified = checkpoint("verify");
    assertThat(verified.exitCode()).isEqualTo(3);
    assertThat(verified.err()).contains("holds no finished checkpoint");
  }

  @Test
  void pruneKeepsTheNewestAndTheBest() throws IOException {
    CommandLineRun dry = checkpoint("prune", "--keep", "1", "--dry-run");
    assertThat(dry.exitCode()).isZero();
    assertThat(dry.out())
        .contains("would remove  " + attempt(200))
        .contains("1 checkpoint would be removed");
    assertThat(store.list()).hasSize(4);

    JsonNode pruned = JSON.readTree(checkpoint("prune", "--keep", "1", "--json").out());
    assertThat(pruned.get("dry_run").asBoolean()).isFalse();
    assertThat(pruned.get("removed")).hasSize(1);
    assertThat(pruned.get("bytes").asLong()).isPositive();
    assertThat(attempt(200)).doesNotExist();
    assertThat(store.list().stream().map(CheckpointStore.Entry::step))
        .containsExactly(400L, 300L, 100L);
    assertThat(checkpoint("prune", "--keep", "1").out()).contains("0 checkpoints removed");
  }

  @Test
  void mistakesAreTold() {
    CommandLineRun none = CommandLineRun.of("checkpoint", "list", run.resolve("none").toString());
    assertThat(none.exitCode()).isEqualTo(3);
    assertThat(none.err()).contains("must be a run folder");
    assertThat(CommandLineRun.of("checkpoint").exitCode()).isEqualTo(2);
    assertThat(CommandLineRun.of("checkpoint", "list").exitCode()).isEqualTo(2);
    assertThat(checkpoint("prune").exitCode()).isEqualTo(2);
    CommandLineRun zero = checkpoint("prune", "--keep", "0");
    assertThat(zero.exitCode()).isEqualTo(2);
    assertThat(zero.err()).contains("--keep").contains("At least 1");
  }

  @Test
  void evalTakesTheModelOfACheckpoint() throws IOException {
    Network network = ModelLookup.network("lenet5", Shape.of(1, 28, 28));
    float[] parameters = new float[network.parameterTable().size()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = i % 7 / 100f;
    }
    TrainedModel model =
        new TrainedModel(
            network,
            new Weights(parameters, new float[network.bufferTable().size()]),
            new TrainedOn("unit", List.of()),
            Map.of());
    store.write(new Checkpoint(state(500, Map.of()), model.tensors(), List.of(), model.words()), 1);
    Path file = attempt(500).resolve("model.safetensors");
    assertThat(TrainedModel.read(file).weights().parameters()).containsExactly(parameters);
    CommandLineRun evaluated =
        CommandLineRun.of(
            "eval",
            "--model",
            file.toString(),
            "--data",
            "digits:train=100,val=40",
            "--threads",
            "1",
            "--json");
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    assertThat(JSON.readTree(evaluated.out()).get("examples").asInt()).isEqualTo(40);
  }
}
