package org.backdraft.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.driver.RankTimes;
import org.backdraft.driver.TrainingListener.Agreement;
import org.backdraft.driver.TrainingListener.Epoch;
import org.backdraft.driver.TrainingListener.Start;
import org.backdraft.driver.TrainingListener.Step;
import org.junit.jupiter.api.Test;

final class ProgressTest {
  private static final RankTimes TIMES =
      new RankTimes(new double[1], new double[1], new double[1], new double[1], new double[1]);

  private static final Start START =
      new Start(
          "lenet5", 61_706, 416_520, 12_000, 2_000, 1, 2, 4, 64, 188, 3, "scalar", "local[1]");

  private final StringWriter text = new StringWriter();
  private long nanos;

  private Progress progress(int columns) {
    return new Progress(new PrintWriter(text), columns, () -> nanos);
  }

  @Test
  void withoutATerminalLinesArePlainAndSecondsApart() {
    Progress progress = progress(0);
    progress.onStart(START);
    int before = text.toString().length();
    for (int step = 0; step < 94; step++) {
      nanos += 100_000_000L;
      progress.onStep(new Step(0, step, 0.5, 0.05, 6400, TIMES));
    }
    String[] lines = text.toString().substring(before).split("\n");
    assertThat(lines).hasSize(2);
    assertThat(lines[0]).startsWith("epoch   loss     acc");
    assertThat(lines[1]).isEqualTo("epoch 1/3  50/188  loss 0.5000  6,400 ex/s  51.4s left");
    assertThat(text.toString()).doesNotContain("\r").doesNotContain("\u001b");
  }

  @Test
  void onATerminalOneLineIsWrittenOverAndEndsBeforeTheEpochsRow() {
    Progress progress = progress(80);
    progress.onStart(START);
    nanos += 1_000_000_000L;
    progress.onStep(new Step(0, 93, 0.5, 0.05, 6400, TIMES));
    assertThat(text.toString()).contains("\repoch 1/3 [============            ] 94/188");
    progress.onEpoch(new Epoch(0, 187, 0.4, 0.9, 0.05, 6400, 0.3, 0.95, 2));
    assertThat(text.toString()).contains("\r\u001b[K    1   0.4000").endsWith("* best\n");
  }

  @Test
  void linesNeverPassTheTerminalsWidth() {
    Progress progress = progress(40);
    progress.onStart(START);
    nanos += 1_000_000_000L;
    progress.onStep(new Step(0, 93, 0.5, 0.05, 6400, TIMES));
    String line =
        text.toString().substring(text.toString().indexOf('\r') + 1).replace("\u001b[K", "");
    assertThat(line).hasSizeLessThan(40);
  }

  @Test
  void howWorkersAgreeIsToldWhereThereAreSeveral() {
    Agreement agreement =
        new Agreement(AllReduceAlgorithm.RING, "sync.order=fast", Optional.empty(), true);
    Progress one = progress(0);
    one.onStart(START);
    one.onAgreement(agreement);
    assertThat(text.toString()).doesNotContain("sync ");

    Progress two = progress(0);
    two.onStart(new Start("n", 1, 1, 1, 1, 2, 2, 4, 64, 188, 3, "scalar", "spark://host:7077"));
    two.onAgreement(agreement);
    assertThat(text.toString()).contains("sync   ring  sync.order=fast  (encrypted)\n");
  }

  @Test
  void onlyABetterEpochIsMarked() {
    Progress progress = progress(0);
    progress.onStart(START);
    progress.onEpoch(new Epoch(0, 187, 0.4, 0.9, 0.05, 6400, 0.3, 0.95, 2));
    progress.onEpoch(new Epoch(1, 375, 0.4, 0.9, 0.05, 6400, 0.3, 0.95, 2));
    assertThat(text.toString().split("best", -1)).hasSize(2);
  }
}
