package org.backdraft.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FitVerdictTest {
  private static final OptionalDouble TENTH = OptionalDouble.of(0.1);

  @TempDir Path folder;

  private static Map<String, Double> epoch(
      double number, double loss, double accuracy, double valLoss, double valAccuracy) {
    return Map.of(
        "epoch",
        number,
        "loss",
        loss,
        "accuracy",
        accuracy,
        "val_loss",
        valLoss,
        "val_accuracy",
        valAccuracy);
  }

  private static FitVerdict judged(EpochCurve curve) {
    return FitVerdict.of(curve, curve.size() - 1, TENTH, 1000).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    // Half of the classes right in both: biased. Right in training alone: variance.
    "0.50, 0.49, UNDERFITS",
    "0.76, 0.75, UNDERFITS",
    "0.79, 0.78, FITS",
    "0.99, 0.98, FITS",
    "1.00, 0.99, FITS",
    "1.00, 0.95, OVERFITS",
    "0.60, 0.15, OVERFITS",
    "0.98, 0.95, OVERFITS",
    "0.97, 0.99, FITS",
    "0.10, 0.10, UNDERFITS"
  })
  void errorsDecide(double accuracy, double valAccuracy, FitVerdict.Word expected) {
    EpochCurve curve =
        new EpochCurve(
            List.of(epoch(1, 1, accuracy, 1, valAccuracy), epoch(2, 1, accuracy, 1, valAccuracy)));
    assertThat(judged(curve).word()).isEqualTo(expected);
    assertThat(judged(curve).text()).startsWith(expected.word());
  }

  @Test
  void aGapWithinTheErrorOfTheValidationIsNone() {
    EpochCurve curve = new EpochCurve(List.of(epoch(1, 0.1, 1, 0.2, 0.97)));
    assertThat(FitVerdict.of(curve, 0, TENTH, 1000).orElseThrow().word())
        .isEqualTo(FitVerdict.Word.OVERFITS);
    assertThat(FitVerdict.of(curve, 0, TENTH, 100).orElseThrow().word())
        .isEqualTo(FitVerdict.Word.FITS);
  }

  @Test
  void aValidationLossThatRisesWhileTrainingFallsIsVarianceUnlessTheBestWeightsAreKept() {
    EpochCurve curve =
        new EpochCurve(
            List.of(
                epoch(1, 0.5, 0.9, 0.30, 0.93),
                epoch(2, 0.2, 0.94, 0.20, 0.95),
                epoch(3, 0.1, 0.96, 0.23, 0.95)));
    FitVerdict verdict = judged(curve);
    assertThat(verdict.word()).isEqualTo(FitVerdict.Word.OVERFITS);
    assertThat(verdict.text()).contains("from 0.2000 in epoch 2 to 0.2300");
    FitVerdict best = FitVerdict.of(curve, 1, TENTH, 1000).orElseThrow();
    assertThat(best.word()).isEqualTo(FitVerdict.Word.FITS);
    assertThat(best.text()).contains("still falling");
    assertThat(best.toMap())
        .containsEntry("verdict", "fits")
        .containsEntry("val_error", 1 - 0.95)
        .containsEntry("naive_error", 0.9);
  }

  @Test
  void aNetworkThatIsNoBetterThanASimpleAnswerIsToldSo() {
    FitVerdict verdict = judged(new EpochCurve(List.of(epoch(1, 1, 0.9, 1, 0.75))));
    Map<String, Double> errors = Map.of("nearest neighbor", 0.3, "linear answer", 0.25);
    assertThat(verdict.beside(errors).text())
        .isEqualTo(verdict.text() + ". The linear answer does no worse");
    assertThat(verdict.beside(errors).word()).isEqualTo(verdict.word());
    assertThat(verdict.beside(Map.of("linear answer", 0.26))).isEqualTo(verdict);
    assertThat(verdict.beside(Map.of())).isEqualTo(verdict);
  }

  @Test
  void numbersAreComparedWithTheirMean() {
    List<Map<String, Double>> epochs = new ArrayList<>();
    epochs.add(
        Map.of(
            "epoch",
            1.0,
            "loss",
            0.02,
            "val_loss",
            0.1,
            "accuracy",
            0.0,
            "val_accuracy",
            0.0,
            "val_mse",
            0.2,
            "val_baseline_mse",
            1.0));
    EpochCurve curve = new EpochCurve(epochs);
    FitVerdict verdict = FitVerdict.of(curve, 0, OptionalDouble.empty(), 100).orElseThrow();
    assertThat(verdict.word()).isEqualTo(FitVerdict.Word.OVERFITS);
    assertThat(verdict.trainError()).isEqualTo(0.2 * (0.02 / 0.1));
    assertThat(verdict.text()).contains("squared error about 0.0400 in training");
    assertThat(curve.svg(OptionalDouble.of(1))).contains("Mean squared error", "naive");
  }

  @Test
  void withoutANaiveAnswerThereIsNoVerdict() {
    EpochCurve curve = new EpochCurve(List.of(epoch(1, 1, 1, 1, 1)));
    assertThat(FitVerdict.of(curve, 0, OptionalDouble.empty(), 10)).isEmpty();
    assertThat(FitVerdict.of(new EpochCurve(List.of()), -1, TENTH, 10)).isEmpty();
    assertThat(new EpochCurve(List.of()).svg(TENTH)).contains("</svg>");
  }

  @Test
  void epochsAreReadFromTheRunsMetrics() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(
        file,
        """
        {"epoch":1,"step":1,"loss":2.0,"lr":0.1,"compute_ms":[1.0]}
        {"epoch":1,"step":1,"loss":2.0,"accuracy":0.5,"val_loss":null,"val_accuracy":0.4,"lr":0.1}
        {"epoch":2,"step":2,"loss":1.0,"lr":0.1,"compute_ms":[1.0]}
        {"epoch":2,"step":2,"loss":1.0,"accuracy":0.6,"val_loss":1.5,"val_accuracy":0.5,"lr":0.1}
        """);
    EpochCurve curve = EpochCurve.read(file);
    assertThat(curve.size()).isEqualTo(2);
    assertThat(curve.of(0, "val_loss")).isNaN();
    assertThat(curve.of(1, "val_loss")).isEqualTo(1.5);
    assertThat(curve.has("val_mse")).isFalse();
    assertThat(judged(curve).word()).isEqualTo(FitVerdict.Word.UNDERFITS);
  }
}
