package org.backdraft.driver;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.backdraft.data.BadRecords;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.LeafScores;
import org.backdraft.driver.control.StepRecords;
import org.backdraft.driver.control.SyncChoice;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.driver.selection.EarlyStopping;
import org.backdraft.driver.selection.ValidationScores;
import org.backdraft.driver.worker.TrainingLoop;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.nn.Network;
import org.backdraft.optim.Plateau;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a training run has reached: collects what the ranks report and decides when to stop. */
final class TrainingProgress implements Attempt.Observer {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingProgress.class);
  private static final double NANOS = 1e-9;

  private final TrainingListener listener;
  private final TrainingListener.Start start;
  private final Network network;
  private final WorkerTask.Train task;
  private final SyncConfig sync;
  private final Aims aims;
  private final Weights weights;
  private final StepAssembly assembly;
  private final RankTimes unknown;
  private final SaveTimer timer;
  private final Stopping stopping;

  /**
   * What is looked for in the validations.
   *
   * @param target accuracy at which training stops, 0 for none
   * @param plateau lowers the learning rate, if any
   * @param stopping ends the run early, if asked for
   * @param keepsBest whether the weights of the best epoch are kept for the end
   */
  record Aims(
      double target,
      Optional<Plateau> plateau,
      Optional<EarlyStopping> stopping,
      boolean keepsBest) {
    boolean isReached(double accuracy) {
      return target > 0 && accuracy >= target;
    }
  }

  private boolean isKeeping; // the weights that were scored last are wanted
  private Weights receiving; // where weights that come are to go
  private ValidationScores lastScores = new ValidationScores(Double.NaN, Double.NaN, Map.of());
  private ProgressCounts counts = new ProgressCounts();
  private boolean isAnnounced;
  private boolean isRecovering; // until a worker tells of a step
  private long failedNanos;
  private StateCollector states; // of the attempt; null where there is none
  private boolean hasStopped;

  /**
   * How the run may be told to stop.
   *
   * @param unsaved why nothing can be saved then; empty where it can
   */
  record Stopping(StopRequest request, Optional<String> unsaved) {}

  TrainingProgress(
      TrainingListener listener,
      TrainingListener.Start start,
      WorkerTask.Train task,
      SyncConfig sync,
      Aims aims,
      SaveTimer timer,
      Stopping stopping) {
    this.listener = listener;
    this.start = start;
    this.task = task;
    this.sync = sync;
    this.aims = aims;
    this.timer = timer;
    this.stopping = stopping;
    network = task.model().network();
    assembly = new StepAssembly(start.workers(), !task.sync().isLeased(), listener::onStep);
    unknown = RankTimes.unknown(start.workers());
    weights = Weights.zeros(network);
    receiving = weights;
  }

  @Override
  public void joined(Hello[] hellos) {
    sync.checkHosts(Arrays.stream(hellos).map(Hello::host).toList());
    if (isAnnounced) {
      return;
    }
    isAnnounced = true;
    listener.onStart(
        new TrainingListener.Start(
            start.model(),
            start.parameters(),
            start.multiplyAdds(),
            start.trainExamples(),
            start.validationExamples(),
            start.workers(),
            start.threads(),
            start.leaves(),
            start.batch(),
            start.stepsPerEpoch(),
            start.epochs(),
            hellos[0].kernels(),
            start.master()));
  }

  @Override
  public void chosen(GangEvent.Chosen event) {
    SyncChoice choice = event.choice();
    GangLog.chosen(choice, start.workers());
    listener.onAgreement(
        new TrainingListener.Agreement(
            choice.algorithm(), choice.reason(), choice.probe(), task.gang().tls().isPresent()));
  }

  /** Notes that an attempt has ended, so that how long it takes to go on can be told. */
  void failed() {
    failedNanos = System.nanoTime();
    isRecovering = true;
  }

  @Override
  public void stepped(GangEvent.Stepped event) {
    if (isRecovering) {
      isRecovering = false;
      LOG.info(
          "Workers train again, {} ms after the last attempt was over.",
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - failedNanos));
    }
    StepRecords records = event.steps();
    for (int i = 0; i < records.count(); i++) {
      boolean isSkipped = Double.isNaN(records.lossSum(i));
      counts.skipped += isSkipped ? 1 : 0;
      counts.lossSum += isSkipped ? 0 : records.lossSum(i);
      counts.denominator += records.denominator(i);
      counts.correct += records.correct(i);
      counts.labels += records.labels(i);
      counts.examples += records.examples(i);
      counts.nanos += records.nanos(i);
      counts.learningRate = records.learningRate(i);
      counts.steps = records.step(i) + 1;
      assembly.told(
          new TrainingListener.Step(
              records.epoch(i),
              records.step(i),
              isSkipped ? Double.NaN : mean(records.lossSum(i), records.denominator(i)),
              records.learningRate(i),
              rate(records.examples(i), records.nanos(i)),
              unknown));
    }
  }

  @Override
  public void timed(GangEvent.Timed event) {
    assembly.timed(event.rank(), event.times());
  }

  /** No rank says anything more: the listener hears of the last steps as far as they are known. */
  void end() {
    assembly.flush();
  }

  @Override
  public boolean scored(int epoch, LeafScores.Total total) {
    assembly.flush(); // a rank tells its times before its scores, so nothing is missing
    lastScores =
        new ValidationScores(
            total.loss(),
            total.accuracy(),
            total.metrics(task.model().metric(task.validation().decoder())));
    counts.lastLoss = total.loss();
    counts.lastAccuracy = total.accuracy();
    counts.epochs = epoch + 1;
    counts.bestAccuracy = Math.max(counts.bestAccuracy, total.accuracy());
    if (epoch == 0) {
      counts.firstEpochExamples = counts.examples;
      counts.firstEpochNanos = counts.nanos;
    } else {
      counts.laterExamples += counts.examples;
      counts.laterNanos += counts.nanos;
    }
    listener.onEpoch(
        new TrainingListener.Epoch(
            epoch,
            counts.steps - 1,
            mean(counts.lossSum, counts.denominator),
            mean(counts.correct, counts.labels),
            counts.learningRate,
            rate(counts.examples, counts.nanos),
            total.loss(),
            total.accuracy(),
            counts.nanos * NANOS,
            lastScores.metrics()));
    counts.startEpoch();
    if (aims.plateau().isPresent()) {
      Plateau plateau = aims.plateau().get();
      double value = plateau.isRising() ? total.accuracy() : total.loss();
      counts.plateau = plateau.after(counts.plateau, value, task.rate().initial());
    }
    aims.stopping()
        .ifPresent(rule -> counts.stopping = counts.stopping.after(rule, epoch, lastScores));
    boolean goesOn = !aims.isReached(total.accuracy()) && hasStepsLeft() && !isPatienceOver();
    keepIfBest(epoch, goesOn);
    return goesOn;
  }

  private boolean hasStepsLeft() {
    return counts.epochs < task.course().epochs()
        && counts.steps < task.course().totalSteps(task.training().examples());
  }

  private boolean isPatienceOver() {
    return aims.stopping().map(rule -> rule.isOver(counts.stopping.state())).orElse(false);
  }

  /** Has the weights that were scored sent where they are the best, and not those of the end. */
  private void keepIfBest(int epoch, boolean goesOn) {
    isKeeping = aims.keepsBest() && goesOn && counts.stopping.state().isBest(epoch);
    receiving = weights;
    if (isKeeping) {
      receiving = Weights.zeros(network);
      counts.bestWeights = Optional.of(receiving); // filled before a state comes that holds it
    }
  }

  @Override
  public boolean keepsWeights() {
    return isKeeping;
  }

  /** Where weights that come are to go: those of the best epoch so far, or of the last. */
  Weights receiving() {
    return receiving;
  }

  @Override
  public double rateScale() {
    return counts.plateau.scale() * counts.rateFactor;
  }

  /** The numbers as they are, to be kept with the state of this moment. */
  ProgressCounts counts() {
    return counts.copy();
  }

  /** Takes in the state of an attempt that begins. */
  void collect(StateCollector collector) {
    states = collector;
    timer.reset();
  }

  /** A state is being taken: the time to the next begins. */
  void taken() {
    timer.reset();
  }

  @Override
  public void stated(GangEvent.OfState event) throws IOException, InterruptedException {
    if (event instanceof GangEvent.StateBegun) {
      taken();
    }
    states.take(event);
  }

  @Override
  public int signal() {
    if (!stopping.request().isAsked()) {
      return timer.isDue() ? TrainingLoop.SAVE : 0;
    }
    boolean isNews = stopping.request().hear();
    if (stopping.unsaved().isPresent()) {
      throw new RunInterruptedException(
          "The run was told to stop, and has stopped. Nothing is saved of it: %s."
              .formatted(stopping.unsaved().get()),
          null);
    }
    return isNews ? TrainingLoop.STOP : 0;
  }

  /** A state of the gang is here, which it may have stopped at. */
  void saved(boolean isLast) {
    hasStopped |= isLast;
  }

  @Override
  public boolean hasStopped() {
    return hasStopped;
  }

  /**
   * Throws where the run was told to stop, so that there is no other attempt.
   *
   * @param failure of the last one
   */
  void requireGoOn(TooManyFailuresException failure) {
    if (stopping.request().isAsked()) {
      throw new RunInterruptedException(
          ("The run was told to stop, and was not saved: before its step was done, %s. What counts"
                  + " is the checkpoint before.")
              .formatted(failure.firstCause()),
          failure);
    }
  }

  /**
   * Goes on from where a checkpoint was, or from the beginning: what came after it is to be done
   * again.
   *
   * @param kept with the checkpoint
   * @param restart the number of the restart, 0 where the run is resumed
   * @param cause that ended the last attempt, for people
   */
  void goOn(ProgressCounts kept, int restart, String cause) {
    ProgressCounts before = counts;
    counts = kept.copy();
    // What was decided after the checkpoint stays so.
    counts.rollBacks = Math.max(kept.rollBacks, before.rollBacks);
    counts.rateFactor = Math.min(kept.rateFactor, before.rateFactor);
    assembly.restartAt(counts.steps);
    listener.onRestart(new TrainingListener.Restart(counts.epochs, counts.steps, restart, cause));
  }

  /** Notes a roll-back, which {@link #goOn} follows. */
  void rollBack(double rateFactor) {
    counts.rollBacks++;
    counts.rateFactor *= rateFactor;
  }

  @Override
  public void weighed(GangEvent.Weighed event) throws IOException {
    event.chunk().copyTo(receiving.parameters(), receiving.buffers());
  }

  @Override
  public TrainingDivergedException diverged(List<GangEvent.Failed> reports) {
    int count = task.training().examples();
    long perEpoch = task.course().stepsPerEpoch(count);
    long step = reports.get(0).report().step();
    return TrainingDivergedException.of(
        (int) (step / perEpoch),
        task.rate().of(step, perEpoch, task.course().totalSteps(count), rateScale()),
        reports,
        network.nodes());
  }

  /** The weights of the last epoch. */
  Weights weights() {
    return weights;
  }

  /** The weights that the run ends with: of the best epoch where they are kept, else the last. */
  private Weights kept() {
    return isRestored() ? counts.bestWeights.orElseThrow() : weights;
  }

  /** A target that was reached is met by the last epoch alone. */
  private boolean isRestored() {
    return aims.keepsBest()
        && counts.bestWeights.isPresent()
        && !counts.stopping.state().isBest(counts.epochs - 1)
        && !aims.isReached(lastScores.accuracy());
  }

  private Optional<EarlyStoppingReport> stopped() {
    return aims.stopping()
        .map(
            rule ->
                new EarlyStoppingReport(
                    rule,
                    isPatienceOver() && hasStepsLeft(),
                    counts.stopping.state().best(),
                    counts.stopping.state().bestEpoch(),
                    isRestored(),
                    lastScores,
                    keptScores()));
  }

  private ValidationScores keptScores() {
    return isRestored() ? counts.stopping.best().orElseThrow() : lastScores;
  }

  /**
   * The report of a run that has ended well.
   *
   * @param lastSha256 of the weights of the last epoch
   */
  TrainingReport report(String lastSha256, TrainedOn data, SyncReport sync) {
    boolean hasLater = counts.laterNanos > 0;
    return new TrainingReport(
        aims.target() == 0 || counts.bestAccuracy >= aims.target(),
        counts.epochs,
        counts.steps,
        start.workers(),
        start.threads(),
        start.leaves(),
        keptScores().loss(),
        keptScores().accuracy(),
        counts.bestAccuracy,
        (counts.firstEpochNanos + counts.laterNanos) * NANOS,
        hasLater
            ? rate(counts.laterExamples, counts.laterNanos)
            : rate(counts.firstEpochExamples, counts.firstEpochNanos),
        isRestored() ? kept().sha256(network) : lastSha256,
        sync,
        new HealthReport(counts.skipped, counts.rollBacks, BadRecords.NONE),
        stopped(),
        data,
        assembly.totals(),
        network,
        kept());
  }

  /** 0 where all labels of a step are ignored. */
  private static double mean(double sum, double denominator) {
    return denominator == 0 ? 0 : sum / denominator;
  }

  private static double rate(long examples, long nanos) {
    return nanos > 0 ? examples / (nanos * NANOS) : 0;
  }
}
