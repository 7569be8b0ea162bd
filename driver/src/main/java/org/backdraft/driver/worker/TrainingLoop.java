package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.Collectives;
import org.backdraft.data.BatchLoader;
import org.backdraft.data.EpochOrder;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.plan.Batch;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.plan.Replica;

/**
 * The steps of one rank: batch, forward and backward, sum over all ranks, check, update. All ranks
 * run the same steps on the same sums, so they decide alike and stay equal.
 */
final class TrainingLoop {
  private final WorkerTask.Train task;
  private final Replica replica;
  private final Collectives collectives;
  private final BatchLoader batches;
  private final Evaluation evaluation;
  private final WorkerControl control;
  private final Duration batchTimeout;
  private final boolean recordsSteps;
  private final Leaves leaves;
  private final LeafRange range;
  private final ReductionLayout layout;
  private final float[][] optimizerState;
  private final long stepsPerEpoch;
  private final long totalSteps;
  private long step;

  /** What the loop drives; all are closed by who made them. */
  record Parts(
      Replica replica,
      Collectives collectives,
      BatchLoader batches,
      Evaluation evaluation,
      WorkerControl control,
      Duration batchTimeout) {}

  TrainingLoop(WorkerTask.Train task, int rank, Parts parts) {
    this.task = task;
    replica = parts.replica();
    collectives = parts.collectives();
    batches = parts.batches();
    evaluation = parts.evaluation();
    control = parts.control();
    batchTimeout = parts.batchTimeout();
    recordsSteps = rank == 0;
    leaves = replica.plan().request().leaves();
    range = replica.plan().request().leafRange();
    layout = replica.plan().reduction();
    optimizerState = new float[task.optimizer().stateSlots()][replica.parameters().length];
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
      Batch batch = batches.next(batchTimeout);
      if (batch == null) {
        throw new IOException(
            "The loader must give %d batches in epoch %d: it ended after %d."
                .formatted(stepsPerEpoch, epoch, i));
      }
      int examples = batch.globalSize();
      replica.trainStep(batch, course.seed(), epoch);
      batches.release(batch);
      float[] sum = reduce();
      float lossSum = sum[layout.lossIndex()];
      if (!Float.isFinite(lossSum)) {
        throw new DivergedException(step, firstNonFiniteLayer());
      }
      float learningRate = task.rate().of(step, stepsPerEpoch, totalSteps);
      replica.update(
          task.optimizer(), task.clipping(), sum, optimizerState, learningRate, step + 1);
      long now = System.nanoTime();
      if (recordsSteps) {
        control.recordStep(
            epoch,
            step,
            lossSum,
            sum[layout.denominatorIndex()],
            sum[layout.correctIndex()],
            sum[layout.labelsIndex()],
            examples,
            learningRate,
            now - nanos);
      }
      nanos = now;
      step++;
    }
  }

  /** The sums over all leaves of all ranks; one array, in {@link ReductionLayout} order. */
  private float[] reduce() throws IOException, InterruptedException {
    float[][] sums = replica.sums();
    collectives.allReduce(leaves, sums, 0, layout.size(), step);
    if (Thread.interrupted()) {
      throw new InterruptedException("Told to stop in step " + step + ".");
    }
    return sums[0];
  }

  private boolean isLimitReached() {
    long limit = task.course().maxSteps();
    return limit > 0 && step >= limit;
  }

  private int firstNonFiniteLayer() {
    Optional<String> layer = replica.firstNonFiniteLayer();
    List<Network.Node> nodes = task.model().network().nodes();
    for (int i = 0; i < nodes.size(); i++) {
      if (layer.isPresent() && nodes.get(i).name().equals(layer.get())) {
        return i;
      }
    }
    return -1;
  }

  long step() {
    return step;
  }
}
