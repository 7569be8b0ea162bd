package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import org.backdraft.data.BatchLoader;
import org.backdraft.data.EpochOrder;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.DivergedException;
import org.backdraft.driver.sync.StepSums;
import org.backdraft.driver.sync.StepTimes;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Plan;

/**
 * The epochs of one rank: takes batches to the {@link Synchronizer} step by step, tells the driver,
 * evaluates. All ranks run the same steps and agree where they have to, so they decide alike.
 */
final class TrainingLoop {
  private final WorkerTask.Train task;
  private final Synchronizer synchronizer;
  private final BatchLoader batches;
  private final Evaluation evaluation;
  private final WorkerControl control;
  private final Duration batchTimeout;
  private final boolean recordsSteps;
  private final UntoldSteps untold;
  private final Leaves leaves;
  private final LeafRange range;
  private final long stepsPerEpoch;
  private final long totalSteps;
  private long step;

  /** What the loop drives; all are closed by who made them. */
  record Parts(
      Synchronizer synchronizer,
      BatchLoader batches,
      Evaluation evaluation,
      WorkerControl control,
      Duration batchTimeout) {}

  TrainingLoop(WorkerTask.Train task, int rank, Plan.Request request, Parts parts) {
    this.task = task;
    synchronizer = parts.synchronizer();
    batches = parts.batches();
    evaluation = parts.evaluation();
    control = parts.control();
    batchTimeout = parts.batchTimeout();
    recordsSteps = rank == 0;
    untold = new UntoldSteps(control);
    leaves = request.leaves();
    range = request.leafRange();
    stepsPerEpoch = task.course().stepsPerEpoch(task.training().examples());
    totalSteps = task.course().totalSteps(task.training().examples());
  }

  /** Trains until the driver says that it is enough. */
  void run() throws IOException, InterruptedException, DivergedException {
    boolean goOn = true;
    for (int epoch = 0; goOn; epoch++) {
      trainEpoch(epoch);
      goOn = control.report(epoch, evaluation.run()).goOn();
    }
  }

  private void trainEpoch(int epoch) throws IOException, InterruptedException, DivergedException {
    WorkerTask.Course course = task.course();
    long nanos = System.nanoTime();
    int[] order = EpochOrder.of(course.seed(), epoch, task.training().examples(), course.shuffle());
    batches.startEpoch(order, course.globalBatch(), leaves, range, 0);
    for (long i = 0; i < stepsPerEpoch && !isLimitReached(); i++) {
      control.enterStep(step);
      long askedNanos = System.nanoTime();
      Batch batch = batches.next(batchTimeout);
      long dataNanos = System.nanoTime() - askedNanos;
      if (batch == null) {
        throw new IOException(
            "The loader must give %d batches in epoch %d: it ended after %d."
                .formatted(stepsPerEpoch, epoch, i));
      }
      int examples = batch.globalSize();
      float learningRate = task.rate().of(step, stepsPerEpoch, totalSteps);
      StepSums sums = synchronizer.step(batch, epoch, step, learningRate);
      batches.release(batch);
      StepTimes times = synchronizer.times();
      control.recordTimes(
          step, times.computeNanos(), times.communicationNanos(), times.waitingNanos(), dataNanos);
      long now = System.nanoTime();
      if (recordsSteps) {
        untold.add(epoch, step, examples, learningRate, now - nanos);
        untold.tell(sums);
      }
      nanos = now;
      step++;
    }
    StepSums rest = synchronizer.settle(step);
    if (recordsSteps) {
      untold.lengthenLast(System.nanoTime() - nanos);
      untold.tell(rest);
    }
  }

  private boolean isLimitReached() {
    long limit = task.course().maxSteps();
    return limit > 0 && step >= limit;
  }

  long step() {
    return step;
  }
}
