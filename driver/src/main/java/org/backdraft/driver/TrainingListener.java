package org.backdraft.driver;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.backdraft.baseline.NaiveClassifiers;
import org.backdraft.baseline.NaiveNumbers;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.probe.ProbeResult;

/** Sees a training run as it goes; called on one thread of the driver, must not block. */
public interface TrainingListener {
  /**
   * One optimiser update. Steps and epochs count from 0 in code, from 1 in what users read.
   *
   * @param times where the time of each rank went
   */
  record Step(
      int epoch,
      long step,
      double loss,
      double learningRate,
      double examplesPerSecond,
      RankTimes times) {
    /** Whether it changed nothing, since its loss or its gradient was not finite; then no loss. */
    public boolean isSkipped() {
      return Double.isNaN(loss);
    }

    Step withTimes(RankTimes known) {
      return new Step(epoch, step, loss, learningRate, examplesPerSecond, known);
    }
  }

  /**
   * One epoch with its validation.
   *
   * @param validationMetrics what else was measured, by name
   */
  record Epoch(
      int epoch,
      long step,
      double loss,
      double accuracy,
      double learningRate,
      double examplesPerSecond,
      double validationLoss,
      double validationAccuracy,
      double seconds,
      Map<String, Double> validationMetrics) {
    public Epoch {
      validationMetrics =
          Collections.unmodifiableMap(new LinkedHashMap<>(validationMetrics)); // keeps its order
    }

    /** Of examples with classes, which loss and accuracy say enough about. */
    public Epoch(
        int epoch,
        long step,
        double loss,
        double accuracy,
        double learningRate,
        double examplesPerSecond,
        double validationLoss,
        double validationAccuracy,
        double seconds) {
      this(
          epoch,
          step,
          loss,
          accuracy,
          learningRate,
          examplesPerSecond,
          validationLoss,
          validationAccuracy,
          seconds,
          Map.of());
    }
  }

  /**
   * What was decided before the first step.
   *
   * @param parameters of the network alone, without its teacher's
   * @param multiplyAdds likewise, for an example's forward pass
   */
  record Start(
      String model,
      long parameters,
      long multiplyAdds,
      int trainExamples,
      int validationExamples,
      int workers,
      int threads,
      int leaves,
      int batch,
      long stepsPerEpoch,
      int epochs,
      String kernels,
      String master) {}

  /**
   * How workers agree, as it was found before the first step.
   *
   * @param algorithm of the sums
   * @param reason why that one, for people
   * @param probe what was measured, if it was
   * @param isEncrypted whether connections are
   */
  record Agreement(
      AllReduceAlgorithm algorithm,
      String reason,
      Optional<ProbeResult> probe,
      boolean isEncrypted) {}

  /**
   * Another attempt begins after one that has failed.
   *
   * @param epoch that it goes on in
   * @param steps that need not be done again; those after them will be told again
   * @param number of the restart since the driver began; 0 where the run was resumed
   * @param cause of the failure, for people
   */
  record Restart(int epoch, long steps, int number, String cause) {}

  default void onStart(Start start) {}

  default void onRestart(Restart restart) {}

  default void onAgreement(Agreement agreement) {}

  /** What naive answers get of the validation set, before the first step. */
  default void onBaselines(NaiveClassifiers naive) {}

  /** Likewise of a set with numbers to predict. */
  default void onBaselines(NaiveNumbers naive) {}

  /** The margin of a linear network that has learned by the hinge loss, after the last step. */
  default void onMargin(LinearMargin margin) {}

  default void onStep(Step step) {}

  default void onEpoch(Epoch epoch) {}
}
