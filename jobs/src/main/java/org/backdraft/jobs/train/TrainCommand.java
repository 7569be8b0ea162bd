package org.backdraft.jobs.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.backdraft.driver.RankTimes;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.config.ConfigLayers;
import org.backdraft.jobs.config.ConfigText;
import org.backdraft.jobs.config.Recipe;
import org.backdraft.jobs.lesson.Lesson;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.options.StartOptions;
import org.backdraft.jobs.options.TrainOptions;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.run.FoldResults;
import org.backdraft.jobs.run.RunDirectory;
import org.backdraft.jobs.run.RunSummary;
import org.backdraft.jobs.train.TrainingRun.Place;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a network and leaves a run folder. */
@Command(
    name = "train",
    sortOptions = false,
    description = "Trains a network; leaves its files in runs/<time>-<name>/ or --out.",
    footer = {
      "",
      "Examples:",
      "  backdraft train --recipe quickstart",
      "  backdraft train --model lenet5 --data idx:mnist --set optimizer.lr=0.01",
      "  backdraft train --resume runs/2026-11-27_101500-lenet5"
    })
public final class TrainCommand implements Callable<Integer> {
  private static final int INTERRUPTED = 130;

  @Mixin private TrainOptions options;

  @Mixin private StartOptions start;

  @Option(
      names = "--resume",
      paramLabel = "RUN",
      description = "Go on with the run in this folder, from its newest checkpoint.")
  private Path resumed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the run's files go; must hold no other run.")
  private Path out;

  @Option(
      names = "--dry-run",
      description = "Check everything, show plan, memory and sample data; do not train.")
  private boolean dryRun;

  @Option(
      names = "--print-config",
      description = "Print the effective configuration and where each value comes from.")
  private boolean printConfig;

  @Option(names = "--json", description = "Print the summary as one JSON object.")
  private boolean json;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter stdout = spec.commandLine().getOut();
    if (resumed != null) {
      if (out != null) {
        throw new ConfigurationException(
            "--resume goes on in the run's own folder: leave out --out.");
      }
      options.resume(RunDirectory.of(resumed).file(RunDirectory.CONFIG));
    }
    Optional<Recipe> lesson = options.lesson();
    if (lesson.isPresent()) {
      show(lesson.get());
      return 0;
    }
    ConfigLayers layers = options.layers(System.getProperties());
    TrainingConfig config = layers.toConfig();
    options.requireStart(config, start.hasWeights() || resumed != null);
    if (config.train().leaves() == 0) {
      layers.set("train.leaves", config.leaves().count(), "from data.batch");
    }
    if (printConfig) {
      stdout.print(ConfigText.of(layers));
      return 0;
    }
    LearningNetwork network = LearningNetwork.of(config);
    boolean isWhole = config.crossValidation().isWhole();
    if (resumed != null && start.hasWeights() && !isWhole) {
      throw new ConfigurationException(
          "--resume goes on with the run's own weights: leave out --init-weights.");
    }
    if (dryRun) {
      if (isWhole) {
        config = layers.set(CrossValidation.FOLD_KEY, 1, "the first fold").toConfig();
      }
      return new DryRun(config, network.factory(), start.clusters()).print(stdout, json);
    }
    String name = options.runName(layers);
    RunDirectory directory = directory(name);
    directory.write(RunDirectory.CONFIG, ConfigText.of(layers));
    TrainingRun run = new TrainingRun(start, network, spec.commandLine().getErr());
    if (isWhole) {
      Optional<FoldResults> results =
          new CrossValidation(run, start, directory, resumed != null).run(layers, name);
      results.ifPresent(each -> report(each, directory));
      return results.isPresent() ? 0 : INTERRUPTED;
    }
    long beganNanos = System.nanoTime();
    RunSummary summary = new RunSummary(name).agreeing(config.sync());
    Optional<TrainingReport> report =
        run.train(config, new Place(directory, resumed != null, directory), summary);
    if (report.isEmpty()) {
      return INTERRUPTED;
    }
    report(report.get(), directory, summary, 1e-9 * (System.nanoTime() - beganNanos));
    report.get().requireTarget(config.train().target());
    return 0;
  }

  /** Runs a lesson and leaves what it shows in a run folder. */
  private void show(Recipe recipe) {
    if (dryRun || printConfig || start.hasWeights() || start.master().isPresent()) {
      throw new ConfigurationException(
          "Recipe '%s' is a lesson: leave out all but --recipe, --out and --json."
              .formatted(recipe.name()));
    }
    RunDirectory directory = directory(recipe.name());
    Lesson.Shown shown = Lesson.named(recipe.lesson()).show();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("status", "completed");
    summary.put("name", recipe.name());
    summary.putAll(shown.results());
    directory.write(RunDirectory.SUMMARY, Json.pretty(summary) + "\n");
    directory.write(RunDirectory.LESSON, shown.text());
    shown.plot().ifPresent(plot -> directory.write(RunDirectory.LESSON_PLOT, plot.svg()));
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.print(json ? Json.line(summary) + "\n" : shown.text());
    spec.commandLine().getErr().print("files  " + directory.path() + "\n");
  }

  private RunDirectory directory(String name) {
    if (resumed != null) {
      return RunDirectory.of(resumed);
    }
    return out == null
        ? RunDirectory.timed(Path.of("runs"), LocalDateTime.now(ZoneId.systemDefault()), name)
        : RunDirectory.at(out);
  }

  private void report(FoldResults results, RunDirectory directory) {
    PrintWriter stdout = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> values = results.summary();
      values.put("run", directory.path().toString());
      stdout.print(Json.line(values) + "\n");
      return;
    }
    stdout.print("done   %d folds, each number over all of them\n".formatted(results.folds()));
    results
        .spreads()
        .forEach(
            (key, each) ->
                stdout.print(
                    String.format(
                        Locale.ROOT,
                        "       %-20s mean %.4f  deviation %.4f  from %.4f to %.4f%n",
                        key,
                        each.mean(),
                        each.deviation(),
                        each.least(),
                        each.most())));
    stdout.print("files  " + directory.path() + "\n");
  }

  private void report(
      TrainingReport report, RunDirectory directory, RunSummary summary, double seconds) {
    PrintWriter stdout = spec.commandLine().getOut();
    Map<String, Object> values = summary.ended(report);
    values.put("run", directory.path().toString());
    if (json) {
      stdout.print(Json.line(values) + "\n");
      return;
    }
    stdout.print(
        String.format(
            Locale.ROOT,
            "done   in %s (training %s)  val_loss %s  val_accuracy %.4f%n",
            Amounts.duration(seconds),
            Amounts.duration(report.trainSeconds()),
            Amounts.loss(report.validationLoss()),
            report.validationAccuracy()));
    report
        .earlyStopping()
        .ifPresent(
            early ->
                stdout.print(
                    (early.isStopped() ? "early  stopped: " : "early  not stopped: ")
                        + early.reason()
                        + "\n"));
    if (values.get("fit") instanceof Map<?, ?> fit) {
      stdout.print("curves %s\n".formatted(fit.get("text")));
    }
    report.times().straggler().ifPresent(rank -> stdout.print(text(rank) + "\n"));
    stdout.print("hash   weights_sha256 " + report.weightsSha256() + "\n");
    stdout.print("files  " + directory.path() + "\n");
    stdout.print("next   backdraft eval --model " + directory.path() + " --data URI\n");
  }

  private static String text(RankTimes.Straggler straggler) {
    return String.format(
        Locale.ROOT,
        "slow   rank %d is %.0f%% busier than the median of the others, which wait %.0f%% of their"
            + " time; see metrics.jsonl",
        straggler.rank(),
        100 * straggler.excess(),
        100 * straggler.waiting());
  }
}
