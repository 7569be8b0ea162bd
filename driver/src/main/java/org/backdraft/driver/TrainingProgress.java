package org.backdraft.driver;

import java.io.IOException;
import java.util.Arrays;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.LeafScores;
import org.backdraft.driver.control.StepRecords;
import org.backdraft.driver.control.SyncChoice;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.nn.Network;

/** What a training run has reached: collects what the ranks report and decides when to stop. */
final class TrainingProgress implements Attempt.Observer {
  private static final double NANOS = 1e-9;

  private final TrainingListener listener;
  private final TrainingListener.Start start;
  private final Network network;
  private final WorkerTask.Train task;
  private final SyncConfig sync;
  private final double target;
  private final Weights weights;
  private final StepAssembly assembly;
  private final RankTimes unknown;

  private long steps;
  private int epochs;
  private double bestAccuracy;
  private LeafScores.Total lastScore = LeafScores.Total.NONE;
  private long firstEpochExamples;
  private long firstEpochNanos;
  private long laterExamples;
  private long laterNanos;

  // Of the current epoch.
  private double lossSum;
  private double denominator;
  private double correct;
  private double labels;
  private long examples;
  private long nanos;
  private double learningRate;

  TrainingProgress(
      TrainingListener listener,
      TrainingListener.Start start,
      WorkerTask.Train task,
      SyncConfig sync,
      double target) {
    this.sync = sync;
    this.listener = listener;
    this.start = start;
    this.task = task;
    this.target = target;
    network = task.model().network();
    assembly = new StepAssembly(start.workers(), !task.sync().isLeased(), listener::onStep);
    unknown = RankTimes.unknown(start.workers());
    weights =
        new Weights(
            new float[network.parameterTable().size()], new float[network.bufferTable().size()]);
  }

  @Override
  public void joined(Hello[] hellos) {
    sync.checkHosts(Arrays.stream(hellos).map(Hello::host).toList());
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

  @Override
  public void stepped(GangEvent.Stepped event) {
    StepRecords records = event.steps();
    for (int i = 0; i < records.count(); i++) {
      lossSum += records.lossSum(i);
      denominator += records.denominator(i);
      correct += records.correct(i);
      labels += records.labels(i);
      examples += records.examples(i);
      nanos += records.nanos(i);
      learningRate = records.learningRate(i);
      steps = records.step(i) + 1;
      assembly.told(
          new TrainingListener.Step(
              records.epoch(i),
              records.step(i),
              mean(records.lossSum(i), records.denominator(i)),
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
    lastScore = total;
    epochs = epoch + 1;
    bestAccuracy = Math.max(bestAccuracy, total.accuracy());
    if (epoch == 0) {
      firstEpochExamples = examples;
      firstEpochNanos = nanos;
    } else {
      laterExamples += examples;
      laterNanos += nanos;
    }
    listener.onEpoch(
        new TrainingListener.Epoch(
            epoch,
            steps,
            mean(lossSum, denominator),
            mean(correct, labels),
            learningRate,
            rate(examples, nanos),
            total.loss(),
            total.accuracy(),
            nanos * NANOS));
    lossSum = 0;
    denominator = 0;
    correct = 0;
    labels = 0;
    examples = 0;
    nanos = 0;
    boolean isReached = target > 0 && total.accuracy() >= target;
    return !isReached
        && epochs < task.course().epochs()
        && steps < task.course().totalSteps(task.training().examples());
  }

  @Override
  public void weighed(GangEvent.Weighed event) throws IOException {
    event.chunk().copyTo(weights.parameters(), weights.buffers());
  }

  @Override
  public TrainingDivergedException diverged(long step, int layer) {
    int count = task.training().examples();
    long perEpoch = task.course().stepsPerEpoch(count);
    return new TrainingDivergedException(
        (int) (step / perEpoch),
        step,
        layer < 0 ? "loss" : network.nodes().get(layer).name(),
        task.rate().of(step, perEpoch, task.course().totalSteps(count)));
  }

  Weights weights() {
    return weights;
  }

  /** The report of a run that has ended well. */
  TrainingReport report(String weightsSha256, String normalize, SyncReport sync) {
    boolean hasLater = laterNanos > 0;
    return new TrainingReport(
        target == 0 || bestAccuracy >= target,
        epochs,
        steps,
        start.workers(),
        start.threads(),
        start.leaves(),
        lastScore.loss(),
        lastScore.accuracy(),
        bestAccuracy,
        (firstEpochNanos + laterNanos) * NANOS,
        hasLater ? rate(laterExamples, laterNanos) : rate(firstEpochExamples, firstEpochNanos),
        weightsSha256,
        sync,
        normalize,
        assembly.totals(),
        network,
        weights);
  }

  /** 0 where all labels of a step are ignored. */
  private static double mean(double sum, double denominator) {
    return denominator == 0 ? 0 : sum / denominator;
  }

  private static double rate(long examples, long nanos) {
    return nanos > 0 ? examples / (nanos * NANOS) : 0;
  }
}
