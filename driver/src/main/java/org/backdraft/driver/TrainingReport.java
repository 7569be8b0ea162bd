package org.backdraft.driver;

import java.util.Optional;
import org.backdraft.data.BadRecords;
import org.backdraft.driver.failure.TargetMissedException;
import org.backdraft.nn.Network;

/**
 * How a run ended: what {@code summary.json} says, and the trained network.
 *
 * @param targetReached false only where {@code train.target} was asked for and missed
 * @param epochs that were trained, the last perhaps in part
 * @param steps optimiser updates
 * @param workers in the gang
 * @param threads of each worker
 * @param leaves that each global batch was cut into
 * @param validationLoss after the last epoch, or the one whose weights are kept
 * @param validationAccuracy likewise, in [0, 1]
 * @param bestValidationAccuracy over all epochs
 * @param trainSeconds spent in training steps; start-up and validation excluded
 * @param examplesPerSecond in training steps, from the second epoch to the end since the first
 *     warms up the JIT compiler; over all of it where there is one epoch only
 * @param weightsSha256 of parameters and buffers, equal on all workers where they take every step
 *     together
 * @param sync how the workers kept together
 * @param health how its numbers did
 * @param earlyStopping what came of it, if it was asked for
 * @param data that it was trained on, for later use of the model
 * @param times where the time of each rank went, over all steps
 * @param network that was trained
 * @param weights its final parameters and buffers
 */
public record TrainingReport(
    boolean targetReached,
    int epochs,
    long steps,
    int workers,
    int threads,
    int leaves,
    double validationLoss,
    double validationAccuracy,
    double bestValidationAccuracy,
    double trainSeconds,
    double examplesPerSecond,
    String weightsSha256,
    SyncReport sync,
    HealthReport health,
    Optional<EarlyStoppingReport> earlyStopping,
    TrainedOn data,
    RankTimes times,
    Network network,
    Weights weights) {
  /** The status of a run that has come to its end, and to its target if it has one. */
  public static final String COMPLETED = "completed";

  /** {@link #COMPLETED} or {@code target-missed}. */
  public String status() {
    return targetReached ? COMPLETED : "target-missed";
  }

  /** The same of a part of the network. */
  public TrainingReport of(Network part, Weights itsWeights, String itsSha256) {
    return with(health, part, itsWeights, itsSha256);
  }

  /** The same of a run that has left out records. */
  TrainingReport leavingOut(BadRecords badRecords) {
    return with(
        new HealthReport(health.skippedSteps(), health.rollBacks(), badRecords),
        network,
        weights,
        weightsSha256);
  }

  private TrainingReport with(
      HealthReport itsHealth, Network part, Weights itsWeights, String itsSha256) {
    return new TrainingReport(
        targetReached,
        epochs,
        steps,
        workers,
        threads,
        leaves,
        validationLoss,
        validationAccuracy,
        bestValidationAccuracy,
        trainSeconds,
        examplesPerSecond,
        itsSha256,
        sync,
        itsHealth,
        earlyStopping,
        data,
        times,
        part,
        itsWeights);
  }

  /**
   * Throws if the run was asked for an accuracy that it did not reach; called when the model has
   * been written.
   *
   * @param target {@code train.target}
   */
  public void requireTarget(double target) {
    if (!targetReached) {
      throw new TargetMissedException(target, bestValidationAccuracy, epochs);
    }
  }
}
