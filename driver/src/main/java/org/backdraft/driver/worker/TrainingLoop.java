package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.backdraft.data.BatchLoader;
import org.backdraft.data.EpochOrder;
import org.backdraft.driver.control.ReplicaDigest;
import org.backdraft.driver.control.StateMark;
import org.backdraft.driver.control.Verdict;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.DivergedException;
import org.backdraft.driver.sync.KeptArrays;
import org.backdraft.driver.sync.StepSums;
import org.backdraft.driver.sync.StepTimes;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.optim.QuasiNewtonSearch;
import org.backdraft.optim.SearchRule;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;

/**
 * The epochs of one rank: takes batches to the {@link Synchronizer} step by step, tells the driver,
 * evaluates. All ranks run the same steps and agree where they have to, so they decide alike.
 */
public final class TrainingLoop {
  /** What the driver has rank 0 raise to be sent the gang's state. */
  public static final int SAVE = 1;

  /** What it has rank 0 raise so that the gang sends its state, and stops. */
  public static final int STOP = 2;

  private final WorkerTask.Train task;
  private final Replica replica;
  private final Synchronizer synchronizer;
  private final StateSender states;
  private final Optional<WeightAverage> average;
  private final BatchLoader batches;
  private final LoadedBatch batch;
  private final Evaluation evaluation;
  private final WorkerControl control;
  private final boolean isFirst; // rank 0, which speaks for all
  private final UntoldSteps untold;
  private final Leaves leaves;
  private final List<LeafRange> pieces;
  private final long stepsPerEpoch;
  private final long totalSteps;
  private final HealthWatch health;
  private long step;
  private double rateScale;
  private double lastLoss;
  private boolean isSaving; // when all ranks agree next
  private boolean isToldToStop; // likewise
  private boolean isStopping;

  /** What the loop drives; all are closed by who made them. */
  record Parts(
      Replica replica,
      Synchronizer synchronizer,
      StateSender states,
      Optional<WeightAverage> average,
      BatchLoader batches,
      Evaluation evaluation,
      WorkerControl control,
      Duration batchTimeout) {}

  TrainingLoop(WorkerTask.Train task, int rank, Plan.Request request, Parts parts) {
    this.task = task;
    replica = parts.replica();
    synchronizer = parts.synchronizer();
    states = parts.states();
    average = parts.average();
    batches = parts.batches();
    evaluation = parts.evaluation();
    control = parts.control();
    isFirst = rank == 0;
    untold = new UntoldSteps(control);
    leaves = request.leaves();
    LeafRange range = request.leafRange();
    pieces =
        replica.plan().pieceLeaves().stream()
            .map(each -> new LeafRange(range.begin() + each.begin(), range.begin() + each.end()))
            .toList();
    batch = new LoadedBatch(batches, leaves, range, parts.batchTimeout());
    stepsPerEpoch = task.course().stepsPerEpoch(task.training().examples());
    totalSteps = task.course().totalSteps(task.training().examples());
    step = task.stepsBefore();
    rateScale = task.continuity().rateScale();
    health = new HealthWatch(task.health(), step);
  }

  /**
   * Trains until the driver says that it is enough.
   *
   * @return whether all is done; else the gang was told to stop, and its state is saved
   */
  boolean run() throws Exception {
    return task.updates().optimizer() instanceof SearchRule rule ? search(rule) : trainEpochs();
  }

  private boolean trainEpochs() throws Exception {
    Position from = task.continuity().from();
    boolean goOn = true;
    long first = from.stepInEpoch();
    for (int epoch = from.epoch(); goOn; epoch++) {
      trainEpoch(epoch, first);
      if (isStopping) {
        awaitDismissal();
        return false;
      }
      first = 0;
      average.ifPresent(each -> each.exchange(step));
      Verdict verdict = validate(epoch);
      goOn = verdict.goOn();
      if (goOn) { // else the average is the result
        average.ifPresent(each -> each.exchange(step));
      }
      rateScale = verdict.rateScale();
      if (goOn && task.continuity().rule().isDueAfterEpochs(epoch + 1)) {
        send(new Position(epoch + 1, 0), kept(), 0);
      }
    }
    states.awaitSent();
    return true;
  }

  private void awaitDismissal() throws IOException, InterruptedException {
    states.awaitSent();
    // Whoever left now would take along the shard beside it, which others may still need.
    control.awaitEnd();
  }

  /** Trains by a search, whose evaluations are steps, and which is saved between directions. */
  private boolean search(SearchRule rule) throws Exception {
    boolean goesOn = task.continuity().goesOn();
    KeptSearch kept = new KeptSearch(rule, replica, task.stateLayout().searchSlot(), isFirst);
    QuasiNewtonSearch search =
        goesOn ? kept.receive(control, task.continuity().searchLoss()) : kept.begin();
    SearchPasses.Passes passes =
        new SearchPasses.Passes() {
          @Override
          public double train(int epoch) throws Exception {
            trainEpoch(epoch, 0);
            return lastLoss;
          }

          @Override
          public boolean validate(int epoch) throws Exception {
            return TrainingLoop.this.validate(epoch).goOn();
          }

          @Override
          public boolean turn(int epoch) throws Exception {
            if (isSaving) {
              send(new Position(epoch, 0), List.of(kept.of(search)), search.value());
            }
            return !isStopping;
          }
        };
    SearchPasses objective =
        new SearchPasses(
            search,
            replica,
            task.updates().rules(replica.plan().parameterTable()),
            task.continuity().from().epoch(),
            passes);
    double rate = (float) (task.rate().initial() * rateScale);
    if (goesOn) {
      search.goOn(objective, rate);
    }
    while (!isStopping && objective.goesOn()) { // at first, or it has met a gradient of 0
      search.run(objective, rate);
    }
    if (isStopping) {
      awaitDismissal();
    } else {
      states.awaitSent();
    }
    return !isStopping;
  }

  /** Evaluates the parameters, and sends them where the driver keeps them. */
  private Verdict validate(int epoch) throws IOException, InterruptedException {
    Verdict verdict = control.report(epoch, evaluation.run());
    if (isFirst && verdict.keepsWeights()) {
      control.sendWeights(replica.parameters(), replica.buffers());
    }
    return verdict;
  }

  private void trainEpoch(int epoch, long first)
      throws IOException, InterruptedException, DivergedException {
    WorkerTask.Course course = task.course();
    long nanos = System.nanoTime();
    // A search compares losses: order, dropout and augmentation are the same for all of its
    // evaluations.
    int drawn = task.updates().optimizer() instanceof SearchRule ? 0 : epoch;
    int[] order = EpochOrder.of(course.seed(), drawn, task.training().examples(), course.shuffle());
    batches.startEpoch(drawn, order, course.globalBatch(), leaves, pieces, first);
    long last = first;
    for (long i = first; i < stepsPerEpoch && !isLimitReached() && !isStopping; i++) {
      control.enterStep(step);
      raiseSignal();
      long askedNanos = System.nanoTime();
      batch.begin();
      long dataNanos = System.nanoTime() - askedNanos;
      int examples = batch.globalSize();
      float learningRate = task.rate().of(step, stepsPerEpoch, totalSteps, rateScale);
      StepSums sums = synchronizer.step(batch, drawn, step, learningRate);
      batch.end();
      StepTimes times = synchronizer.times();
      control.recordTimes(
          step,
          times.computeNanos(),
          times.communicationNanos(),
          times.waitingNanos(),
          dataNanos,
          times.pushedBytes());
      long now = System.nanoTime();
      if (isFirst) {
        untold.add(epoch, step, examples, learningRate, now - nanos);
        untold.tell(sums);
      }
      if (sums.count() > 0) {
        lastLoss = (double) sums.loss(0) / sums.denominator(0);
      }
      health.see(sums);
      step++;
      if (average.isPresent()) {
        synchronizer.awaitParameters();
        average.get().add(step);
      }
      compareIfDue(sums);
      saveIfDue(sums, new Position(epoch, i + 1));
      nanos = now;
      last = i + 1;
    }
    if (isStopping) {
      return;
    }
    StepSums rest = synchronizer.settle(step);
    if (isFirst) {
      untold.lengthenLast(System.nanoTime() - nanos);
      untold.tell(rest);
    }
    health.see(rest);
    if (rest.count() > 0) { // all ranks agree again, where they did not after the last step
      saveIfDue(rest, new Position(epoch, last));
    }
  }

  /** Tells the driver what this rank's weights are, after a step on which all ranks agree. */
  private void compareIfDue(StepSums sums) throws IOException, InterruptedException {
    if (sums.count() > 0 && task.health().comparesAfter(step)) {
      synchronizer.awaitParameters();
      control.compare(step, new ReplicaDigest(Worker.digest(replica)));
    }
  }

  /** Has all ranks learn with this step's sums what the driver wants. */
  private void raiseSignal() {
    int signal = control.takeSignal();
    if (signal != 0) {
      replica.raise(signal);
    }
  }

  /** Sends this rank's state where the rule or the driver says so, once all ranks agree. */
  private void saveIfDue(StepSums sums, Position position)
      throws IOException, InterruptedException {
    CheckpointRule rule = task.continuity().rule();
    isSaving |= rule.isDueAfterSteps(step);
    for (int i = 0; i < sums.count(); i++) {
      isSaving |= sums.signal(i) != 0;
      isToldToStop |= sums.signal(i) == STOP;
    }
    if (task.updates().optimizer() instanceof SearchRule) { // between its directions, if at all
      isSaving |= rule.isDueAfterEpochs(position.epoch() + 1);
      return;
    }
    if (!isSaving || sums.count() == 0) {
      return;
    }
    boolean isEpochOver = position.stepInEpoch() == stepsPerEpoch;
    // What is saved when the epoch has been evaluated is of the same step.
    if (isToldToStop || !isEpochOver || !rule.isDueAfterEpochs(position.epoch() + 1)) {
      send(position, kept(), 0);
    }
    isSaving = false;
  }

  /** What is kept besides the synchronizer's state. */
  private List<KeptArrays> kept() {
    return average.map(each -> List.of(each.kept())).orElse(List.of());
  }

  private void send(Position position, List<KeptArrays> others, double searchLoss)
      throws IOException, InterruptedException {
    isSaving = false;
    isStopping = isToldToStop;
    StateMark mark =
        new StateMark(position.epoch(), position.stepInEpoch(), isStopping, searchLoss);
    states.send(step, mark, others);
  }

  private boolean isLimitReached() {
    long limit = task.course().maxSteps();
    return limit > 0 && step >= limit;
  }

  long step() {
    return step;
  }
}
