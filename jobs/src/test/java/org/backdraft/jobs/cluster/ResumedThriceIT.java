package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run whose driver is killed in the middle of three epochs, and started again each time with
 * another number of workers, with what depends on random numbers in it: dropout, augmentation,
 * shuffling.
 */
@Tag("full")
final class ResumedThriceIT {
  private static final int EPOCHS = 12;

  /** 2100 examples in batches of 256. */
  private static final int STEPS_PER_EPOCH = 9;

  private static final String NETWORK =
      """
      name: dropped
      input: [1, 28, 28]
      layers:
      - {name: conv1, type: conv2d, out: 8, kernel: 5, stride: 2}
      - {name: bn1, type: batch_norm2d}
      - {name: relu1, type: relu}
      - {name: drop1, type: dropout, rate: 0.2}
      - {name: flatten, type: flatten}
      - {name: fc1, type: linear, out: 64}
      - {name: relu2, type: relu}
      - {name: drop2, type: dropout, rate: 0.5}
      - {name: fc2, type: linear, out: 10}
      """;

  @TempDir Path folder;

  private List<String> training(Path out) throws Exception {
    Path network = folder.resolve("dropped.yaml");
    Files.writeString(network, NETWORK);
    return List.of(
        "train",
        "--model",
        network.toString(),
        "--data",
        "digits:train=2100,val=500",
        "--epochs",
        Integer.toString(EPOCHS),
        "--seed",
        "1",
        "--set",
        "data.batch=256",
        "--set",
        "train.leaves=16",
        "--set",
        "optimizer.name=adam",
        "--set",
        "optimizer.lr=0.002",
        "--set",
        "data.augment=crop:2 rotate:15 erase:0.3 brightness:0.2",
        // No multiple of the steps of an epoch, so that positions in it are restored.
        "--set",
        "checkpoint.every=4 steps",
        "--out",
        out.toString());
  }

  @Test
  void threeKilledDriversChangeNoBit() throws Exception {
    Path undisturbed = folder.resolve("clean");
    JsonNode clean = Training.local(folder, Map.of(), undisturbed, training(undisturbed));

    Path out = folder.resolve("run");
    List<String> command = training(out);
    int[] workers = {2, 1, 3};
    for (int kill = 0; kill < workers.length; kill++) {
      killedAfter(command, out, 15 + 30 * kill);
      command =
          List.of(
              "train", "--resume", out.toString(), "--workers", Integer.toString(workers[kill]));
    }
    JsonNode summary = Training.local(folder, Map.of(), out, command);

    assertThat(summary.get("weights_sha256")).isEqualTo(clean.get("weights_sha256"));
    assertThat(summary.get("val_loss")).isEqualTo(clean.get("val_loss"));
    assertThat(summary.get("steps").asInt()).isEqualTo(EPOCHS * STEPS_PER_EPOCH);
    assertThat(Files.readAllLines(out.resolve("metrics.jsonl")))
        .hasSize(EPOCHS * (STEPS_PER_EPOCH + 1));
  }

  /** Kills the driver, and with it all workers, when so many steps and epochs are written. */
  private void killedAfter(List<String> command, Path out, int lines) throws Exception {
    List<String> words = new ArrayList<>(command);
    words.add(0, Repository.backdraft().toString());
    try (Command run = Command.start(folder, Map.of(), words)) {
      Training.awaitSteps(run, out, lines);
    } // kill -9
    assertThat(out.resolve("summary.json")).doesNotExist();
  }
}
