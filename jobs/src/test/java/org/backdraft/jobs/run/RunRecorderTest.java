package org.backdraft.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.backdraft.driver.RankTimes;
import org.backdraft.driver.TrainingListener.Epoch;
import org.backdraft.driver.TrainingListener.Restart;
import org.backdraft.driver.TrainingListener.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunRecorderTest {
  private static final RankTimes TIMES =
      new RankTimes(
          new double[] {2e6, 1.5e6},
          new double[] {1234567, Double.NaN},
          new double[] {0, 1e6},
          new double[] {0, 0},
          new double[] {4096, Double.NaN});

  @TempDir Path folder;

  @Test
  void eachStepAndEpochIsALineOnDiskWhenTheCallReturns() throws Exception {
    RunDirectory directory = RunDirectory.at(folder.resolve("run"));
    try (RunRecorder recorder = new RunRecorder(directory)) {
      recorder.onStep(new Step(0, 0, 2.5, 0.05f, 100, TIMES));
      assertThat(metrics(directory)).hasSize(1);
      recorder.onEpoch(new Epoch(0, 0, 2.5, 0.1, 0.05f, 100, 2.25, 0.25, 1.5));
      List<String> lines = metrics(directory);
      JsonNode step = new ObjectMapper().readTree(lines.get(0));
      assertThat(step.get("epoch").asInt()).isEqualTo(1);
      assertThat(step.get("step").asInt()).isEqualTo(1);
      assertThat(step.get("loss").asDouble()).isEqualTo(2.5);
      assertThat(step.get("lr").asText()).isEqualTo("0.05");
      assertThat(step.get("examples_per_second").asDouble()).isEqualTo(100);
      assertThat(step.has("val_loss")).isFalse();
      assertThat(step.get("compute_ms").toString()).isEqualTo("[2.0,1.5]");
      assertThat(step.get("communication_ms").toString()).isEqualTo("[1.235,null]");
      assertThat(step.get("waiting_ms").toString()).isEqualTo("[0.0,1.0]");
      assertThat(step.get("data_ms").toString()).isEqualTo("[0.0,0.0]");
      assertThat(step.get("pushed_bytes").toString()).isEqualTo("[4096,null]");
      JsonNode epoch = new ObjectMapper().readTree(lines.get(1));
      assertThat(epoch.get("val_loss").asDouble()).isEqualTo(2.25);
      assertThat(epoch.get("val_accuracy").asDouble()).isEqualTo(0.25);
    }
    assertThat(Files.readAllLines(directory.file(RunDirectory.RESULTS)))
        .containsExactly(
            "epoch,step,loss,accuracy,val_loss,val_accuracy,lr,examples_per_second,seconds",
            "1,1,2.5,0.1,2.25,0.25,0.05,100.0,1.500");
  }

  @Test
  void whatIsDoneAgainIsTakenBack() throws Exception {
    RunDirectory directory = RunDirectory.at(folder.resolve("run"));
    try (RunRecorder recorder = new RunRecorder(directory)) {
      recorder.onStep(new Step(0, 0, 2.5, 0.05f, 100, TIMES));
      recorder.onStep(new Step(0, 1, 2.4, 0.05f, 100, TIMES));
      recorder.onEpoch(new Epoch(0, 1, 2.5, 0.1, 0.05f, 100, 2.25, 0.25, 1.5));
      recorder.onStep(new Step(1, 2, 2.3, 0.05f, 100, TIMES));
      List<String> before = metrics(directory);
      recorder.onStep(new Step(1, 3, 2.2, 0.05f, 100, TIMES));
      recorder.onEpoch(new Epoch(1, 3, 2.25, 0.1, 0.05f, 100, 2.2, 0.25, 1.5));

      recorder.onRestart(new Restart(1, 3, 1, "a fault"));
      assertThat(metrics(directory)).isEqualTo(before);
      recorder.onStep(new Step(1, 3, 2.1, 0.05f, 100, TIMES));
      assertThat(metrics(directory)).hasSize(5).startsWith(before.toArray(String[]::new));
      assertThat(Files.readAllLines(directory.file(RunDirectory.RESULTS))).hasSize(2);

      recorder.onRestart(new Restart(0, 0, 2, "another fault"));
      assertThat(metrics(directory)).isEmpty();
      assertThat(Files.readAllLines(directory.file(RunDirectory.RESULTS))).hasSize(1);
    }
  }

  private static List<String> metrics(RunDirectory directory) throws Exception {
    return Files.readAllLines(directory.file(RunDirectory.METRICS));
  }
}
