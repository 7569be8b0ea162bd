package org.backdraft.jobs.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.backdraft.baseline.NaiveClassifiers;
import org.backdraft.baseline.NaiveNumbers;
import org.backdraft.data.BadRecords;
import org.backdraft.driver.EarlyStoppingReport;
import org.backdraft.driver.LinearMargin;
import org.backdraft.driver.SyncReport;
import org.backdraft.driver.TrainingListener;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.config.SyncConfig;

/**
 * Collects what {@code summary.json} says, also of a run that does not end well. Steps and epochs
 * are counts of what was done.
 *
 * <p>Thread-safe: a shutdown hook may ask while the run goes on.
 */
public final class RunSummary implements TrainingListener {
  private final Map<String, Object> values = new LinkedHashMap<>();
  private final Map<String, Object> sync = new LinkedHashMap<>(); // how workers agree
  private final Map<String, Double> learned = new LinkedHashMap<>(); // errors of naive answers
  private OptionalDouble majorityAccuracy = OptionalDouble.empty();
  private int validationExamples;

  /**
   * @param name of the run's recipe or model
   */
  public RunSummary(String name) {
    for (String key :
        new String[] {
          "status",
          "epochs",
          "steps",
          "workers",
          "threads",
          "leaves",
          "val_loss",
          "val_accuracy",
          "best_val_accuracy",
          "train_seconds",
          "examples_per_second",
          "weights_sha256",
          "restarts"
        }) {
      values.put(key, null);
    }
    values.put("epochs", 0);
    values.put("steps", 0L);
    values.put("restarts", 0);
    values.put("name", name);
  }

  /** Says how workers agree, and what the bits of the result depend on. */
  public synchronized RunSummary agreeing(SyncConfig config) {
    sync.put("strategy", config.strategy());
    sync.put("consistency", config.consistency());
    if (config.hasServer()) {
      sync.put("placement", config.placement());
    }
    sync.put("compression", config.compression());
    sync.put("average_every", config.averageEvery());
    sync.put("exact", config.isExact());
    sync.put("reproducible", config.isReproducible());
    values.put("sync", sync);
    return this;
  }

  @Override
  public synchronized void onStart(Start start) {
    values.put("workers", start.workers());
    values.put("threads", start.threads());
    values.put("leaves", start.leaves());
    values.put("model", start.model());
    values.put("parameters", start.parameters());
    values.put("kernels", start.kernels());
    values.put("master", start.master());
    validationExamples = start.validationExamples();
  }

  @Override
  public synchronized void onRestart(Restart restart) {
    values.put("restarts", restart.number());
    values.put("epochs", restart.epoch());
    values.put("steps", restart.steps());
  }

  @Override
  public synchronized void onAgreement(Agreement agreement) {
    sync.putAll(AgreementJson.of(agreement));
  }

  @Override
  public synchronized void onBaselines(NaiveClassifiers naive) {
    majorityAccuracy = OptionalDouble.of(naive.majorityAccuracy());
    Map<String, Object> baselines = new LinkedHashMap<>();
    baselines.put("majority_accuracy", naive.majorityAccuracy());
    naive.compared().ifPresent(compared -> put(baselines, compared));
    values.put("baselines", baselines);
  }

  private void put(Map<String, Object> baselines, NaiveClassifiers.Compared compared) {
    baselines.put("nearest_neighbor_accuracy", compared.nearest());
    baselines.put("nearest_neighbor_train_examples", compared.known());
    baselines.put("nearest_neighbor_val_examples", compared.asked());
    learned.put("nearest neighbor", 1 - compared.nearest());
    compared
        .linear()
        .ifPresent(
            accuracy -> {
              baselines.put("linear_accuracy", accuracy);
              baselines.put("linear_train_examples", compared.known());
              baselines.put("linear_val_examples", compared.asked());
              learned.put("linear answer", 1 - accuracy);
            });
  }

  @Override
  public synchronized void onBaselines(NaiveNumbers naive) {
    Map<String, Object> baselines = new LinkedHashMap<>();
    baselines.put("mean_mse", naive.meanError());
    naive
        .linearError()
        .ifPresent(
            error -> {
              baselines.put("linear_mse", error);
              learned.put("linear answer", error);
            });
    baselines.put("linear_train_examples", naive.known());
    baselines.put("linear_val_examples", naive.asked());
    values.put("baselines", baselines);
  }

  @Override
  public synchronized void onMargin(LinearMargin margin) {
    values.put("margin", margin.margin());
    values.put("margin_examples", margin.examples());
  }

  @Override
  public synchronized void onStep(Step step) {
    values.put("steps", step.step() + 1);
  }

  @Override
  public synchronized void onEpoch(Epoch epoch) {
    values.put("epochs", epoch.epoch() + 1);
    values.put("val_loss", epoch.validationLoss());
    values.put("val_accuracy", epoch.validationAccuracy());
    epoch.validationMetrics().forEach((name, value) -> values.put("val_" + name, value));
    values.merge(
        "best_val_accuracy",
        epoch.validationAccuracy(),
        (a, b) -> Math.max((Double) a, (Double) b));
  }

  /**
   * What the curves say of the weights that the run ends with, once it has.
   *
   * @return empty where there is nothing to compare them with
   */
  public synchronized Optional<FitVerdict> judge(EpochCurve curve, TrainingReport report) {
    int kept =
        report
            .earlyStopping()
            .filter(EarlyStoppingReport::isRestored)
            .map(EarlyStoppingReport::bestEpoch)
            .orElse(report.epochs() - 1);
    Optional<FitVerdict> verdict =
        FitVerdict.of(curve, kept, majorityAccuracy, validationExamples)
            .map(each -> each.beside(learned));
    verdict.ifPresent(each -> values.put("fit", each.toMap()));
    return verdict;
  }

  /** What a naive answer gets wrong, where it is known. */
  public synchronized OptionalDouble naiveError(EpochCurve curve) {
    return FitVerdict.naiveError(curve, majorityAccuracy);
  }

  /** A run that came to its end. */
  public synchronized Map<String, Object> ended(TrainingReport report) {
    values.put("status", report.status());
    values.put("epochs", report.epochs());
    values.put("steps", report.steps());
    values.put("workers", report.workers());
    values.put("threads", report.threads());
    values.put("leaves", report.leaves());
    values.put("val_loss", report.validationLoss());
    values.put("val_accuracy", report.validationAccuracy());
    values.put("best_val_accuracy", report.bestValidationAccuracy());
    values.put("train_seconds", report.trainSeconds());
    values.put("examples_per_second", report.examplesPerSecond());
    values.put("weights_sha256", report.weightsSha256());
    values.put("restarts", report.sync().restarts());
    values.put("skipped_steps", report.health().skippedSteps());
    values.put("roll_backs", report.health().rollBacks());
    badRecords(report.health().badRecords());
    report.earlyStopping().ifPresent(this::stopped);
    if (!report.sync().leasesByWorker().isEmpty()) {
      sync.putAll(leases(report.sync()));
    }
    if (report.times().hasPushes()) {
      sync.put("pushed_bytes", RankTimesJson.pushedBytes(report.times()));
    }
    values.put("times", RankTimesJson.totals(report.times()));
    return new LinkedHashMap<>(values);
  }

  private void stopped(EarlyStoppingReport report) {
    report.kept().metrics().forEach((name, value) -> values.put("val_" + name, value));
    Map<String, Object> stopping = new LinkedHashMap<>();
    stopping.put("stopped", report.isStopped());
    stopping.put("reason", report.reason());
    stopping.put("monitor", report.rule().monitor().word());
    stopping.put("best", report.best());
    stopping.put("best_epoch", report.bestEpoch() < 0 ? null : report.bestEpoch() + 1);
    stopping.put("restored", report.isRestored());
    stopping.put("last_val_loss", report.last().loss());
    stopping.put("last_val_accuracy", report.last().accuracy());
    values.put("early_stopping", stopping);
  }

  private void badRecords(BadRecords leftOut) {
    values.put("bad_records", leftOut.count());
    if (leftOut.count() > 0) {
      values.put("bad_record_kinds", leftOut.kinds().stream().map(RunSummary::kind).toList());
    }
  }

  private static Map<String, Object> kind(BadRecords.Kind kind) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("file", kind.file());
    map.put("cause", kind.cause());
    map.put("count", kind.count());
    map.put("first", kind.first());
    return map;
  }

  private static Map<String, Object> leases(SyncReport report) {
    Map<String, Object> leases = new LinkedHashMap<>();
    leases.put("leases", report.leases());
    leases.put("leases_by_worker", report.leasesByWorker());
    leases.put("leases_redone", report.leasesRedone());
    leases.put("lost_updates", report.lostUpdates());
    leases.put("pushed_bytes", report.pushedBytesByWorker());
    leases.put("widest_lead", report.widestLead());
    return leases;
  }

  /**
   * A run that did not.
   *
   * @param status {@code diverged}, {@code failed} or {@code interrupted}
   * @param error the message that its user sees
   */
  public synchronized Map<String, Object> failed(String status, String error) {
    // The first end counts: what a signal causes in other threads is no news.
    if (values.get("status") == null) {
      values.put("status", status);
      values.put("error", error);
    }
    return new LinkedHashMap<>(values);
  }
}
