package org.backdraft.jobs;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.CheckpointPlace;
import org.backdraft.driver.ConfigurationException;
import org.backdraft.driver.RankTimes;
import org.backdraft.driver.RunInterruptedException;
import org.backdraft.driver.StopRequest;
import org.backdraft.driver.TrainingConfig;
import org.backdraft.driver.TrainingListener;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.Weights;
import org.backdraft.jobs.config.ConfigLayers;
import org.backdraft.jobs.config.ConfigText;
import org.backdraft.jobs.config.Recipe;
import org.backdraft.jobs.lesson.Lesson;
import org.backdraft.jobs.model.TrainedModel;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.run.EpochCurve;
import org.backdraft.jobs.run.FitVerdict;
import org.backdraft.jobs.run.FoldFolder;
import org.backdraft.jobs.run.FoldResults;
import org.backdraft.jobs.run.FunctionFit;
import org.backdraft.jobs.run.Listeners;
import org.backdraft.jobs.run.Progress;
import org.backdraft.jobs.run.RunDirectory;
import org.backdraft.jobs.run.RunRecorder;
import org.backdraft.jobs.run.RunSummary;
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
final class TrainCommand implements Callable<Integer> {
  private static final int INTERRUPTED = 130;

  /** The folder of a fold of a cross-validation, before its number. */
  private static final String FOLD = "fold-";

  private static final String FOLD_KEY = "cross-validation.fold";

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
        config = layers.set(FOLD_KEY, 1, "the first fold").toConfig();
      }
      return new DryRun(config, network.factory(), start.clusters()).print(stdout, json);
    }
    String name = options.runName(layers);
    RunDirectory directory = directory(name);
    directory.write(RunDirectory.CONFIG, ConfigText.of(layers));
    if (isWhole) {
      requireSameStart(directory);
      return crossValidate(
          layers, network, directory, new FoldResults(name, folds(config), start.weightsPath()));
    }
    long beganNanos = System.nanoTime();
    RunSummary summary = new RunSummary(name).agreeing(config.sync());
    Optional<TrainingReport> report =
        train(config, network, new Place(directory, resumed != null, directory), summary);
    if (report.isEmpty()) {
      return INTERRUPTED;
    }
    report(report.get(), directory, summary, 1e-9 * (System.nanoTime() - beganNanos));
    report.get().requireTarget(config.train().target());
    return 0;
  }

  private static int folds(TrainingConfig config) {
    return config.crossValidation().folds();
  }

  /**
   * Folds that have not begun start with the weights that the others have started with, which no
   * configuration holds.
   */
  private void requireSameStart(RunDirectory directory) throws IOException {
    Path told = directory.file(RunDirectory.SUMMARY);
    if (resumed == null || !Files.isRegularFile(told)) {
      return;
    }
    Optional<String> before = FoldResults.startWeights(Json.map(Files.readString(told)));
    if (before.isPresent() != start.hasWeights()) {
      throw new ConfigurationException(
          before
              .map(from -> "This cross-validation has begun with --init-weights %s: add it.")
              .orElse("This cross-validation has begun with random weights: leave out %s.")
              .formatted(before.orElse("--init-weights")));
    }
  }

  /**
   * Trains a network for each fold, in a folder of its own; those that are done are left as they
   * are.
   */
  private int crossValidate(
      ConfigLayers layers, LearningNetwork network, RunDirectory directory, FoldResults results)
      throws IOException {
    int folds = folds(layers.toConfig());
    directory.write(RunDirectory.SUMMARY, Json.pretty(results.summary()) + "\n");
    for (int fold = 1; fold <= folds; fold++) {
      TrainingConfig config = layers.set(FOLD_KEY, fold, "one of its folds").toConfig();
      Path path = directory.file(FOLD + fold);
      FoldFolder own = resumed == null ? FoldFolder.beginning(path) : FoldFolder.left(path);
      boolean isDone = own.result().isPresent();
      note("fold", "%d of %d%s".formatted(fold, folds, isDone ? ", done before" : ""));
      Optional<Map<String, Object>> result =
          isDone ? own.result() : trainFold(layers, config, network, own, directory, fold);
      result.ifPresent(results::add);
      directory.write(RunDirectory.SUMMARY, Json.pretty(results.summary()) + "\n");
      if (result.isEmpty()) {
        return INTERRUPTED;
      }
    }
    PrintWriter stdout = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> values = results.summary();
      values.put("run", directory.path().toString());
      stdout.print(Json.line(values) + "\n");
      return 0;
    }
    stdout.print("done   %d folds, each number over all of them\n".formatted(folds));
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
    return 0;
  }

  private Optional<Map<String, Object>> trainFold(
      ConfigLayers layers,
      TrainingConfig config,
      LearningNetwork network,
      FoldFolder folder,
      RunDirectory whole,
      int fold)
      throws IOException {
    folder.directory().write(RunDirectory.CONFIG, ConfigText.of(layers));
    RunSummary summary = new RunSummary(FOLD + fold).agreeing(config.sync());
    Place place = new Place(folder.directory(), folder.isResumed(), whole);
    return train(config, network, place, summary).map(summary::ended);
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

  /**
   * Where a network is trained.
   *
   * @param isResumed whether it goes on from a checkpoint
   * @param whole what {@code --resume} takes: the folder itself, or that of the cross-validation
   */
  private record Place(RunDirectory directory, boolean isResumed, RunDirectory whole) {
    boolean canGoOn() {
      return directory.hasCheckpoint() || !directory.path().equals(whole.path());
    }
  }

  /** Trains, and writes what comes of it; empty where the run was told to stop. */
  private Optional<TrainingReport> train(
      TrainingConfig config, LearningNetwork network, Place place, RunSummary summary)
      throws IOException {
    RunDirectory directory = place.directory();
    PrintWriter stderr = spec.commandLine().getErr();
    stderr.print(
        "backdraft %s  Spark %s  JDK %s\n"
            .formatted(Version.backdraft(), Version.spark(), Version.jdk()));
    stderr.print("folder %s\n".formatted(directory.path()));
    stderr.flush();
    Progress progress = new Progress(stderr, terminalColumns(), System::nanoTime);
    Thread hook =
        new NamedThreadFactory("interrupted").newThread(() -> interrupted(place, summary));
    Runtime.getRuntime().addShutdownHook(hook);
    TrainingReport report;
    StopRequest stop = new StopRequest();
    Signals signals = Signals.handledBy(count -> signalled(count, stop, progress));
    try (RunRecorder recorder = new RunRecorder(directory)) {
      TrainingListener listener = new Listeners(List.of(recorder, summary, progress));
      report =
          network.alone(
              network
                  .job(config, start.clusters(), listener, weights(config, place))
                  .checkpointingIn(checkpoints(config, place))
                  .stoppingBy(stop)
                  .run());
      write(report, config, directory, summary);
    } catch (RunInterruptedException e) {
      progress.endLine();
      stopped(e, place, summary);
      return Optional.empty();
    } catch (RuntimeException | IOException | Error e) {
      progress.endLine();
      directory.write(
          RunDirectory.SUMMARY,
          Json.pretty(summary.failed(Failure.status(e), Failure.message(e))) + "\n");
      throw e;
    } finally {
      signals.close();
      removeHook(hook);
    }
    return Optional.of(report);
  }

  /** What a network starts with that does not go on. */
  private Optional<Weights.Source> weights(TrainingConfig config, Place place) {
    return place.isResumed()
        ? Optional.empty()
        : start.weights(config, text -> note("start", text));
  }

  private static CheckpointPlace checkpoints(TrainingConfig config, Place place) {
    return new CheckpointPlace(
        place.directory().file(RunDirectory.CHECKPOINTS).toUri().toString(),
        place.isResumed(),
        (network, data) -> TrainedModel.words(network, data, config.loss()));
  }

  private void note(String topic, String text) {
    PrintWriter stderr = spec.commandLine().getErr();
    stderr.print("%-6s %s%n".formatted(topic, text));
    stderr.flush();
  }

  private static void write(
      TrainingReport report, TrainingConfig config, RunDirectory directory, RunSummary summary)
      throws IOException {
    TrainedModel.of(report, config.loss()).write(directory.path());
    EpochCurve curve = EpochCurve.read(directory.file(RunDirectory.METRICS));
    directory.write(RunDirectory.CURVES, curve.svg(summary.naiveError(curve)));
    FunctionFit.figure(config.data().train(), report)
        .ifPresent(figure -> directory.write(RunDirectory.FUNCTION, figure.svg()));
    Optional<FitVerdict> unused = summary.judge(curve, report);
    directory.write(RunDirectory.SUMMARY, Json.pretty(summary.ended(report)) + "\n");
    directory.linkLatest();
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

  /** The first signal asks the run to stop, the second one ends the process. */
  private void signalled(int count, StopRequest stop, Progress progress) {
    if (count > 1) {
      Backdraft.endNow(130);
      return;
    }
    stop.ask();
    progress.note("stop   told to stop: the step ends and the run is saved; once more ends it now");
  }

  /** Says what is left of a run that was told to stop. */
  private void stopped(RunInterruptedException e, Place place, RunSummary summary) {
    place
        .directory()
        .write(
            RunDirectory.SUMMARY,
            Json.pretty(summary.failed(Failure.status(e), Failure.message(e))) + "\n");
    PrintWriter stderr = spec.commandLine().getErr();
    stderr.print("backdraft: %s\n".formatted(Failure.message(e)));
    printNext(place, stderr);
  }

  private void printNext(Place place, PrintWriter stderr) {
    if (place.canGoOn()) {
      String weights =
          place.directory().path().equals(place.whole().path())
              ? ""
              : start
                  .weightsPath()
                  .map(from -> " --init-weights " + ResumeCommand.quoted(from))
                  .orElse("");
      stderr.print(
          "next   %s%s\n"
              .formatted(ResumeCommand.of(place.whole().path(), start.master()), weights));
    } else {
      stderr.print("next   nothing is saved to go on from: start again\n");
    }
    stderr.flush();
  }

  /** Says so when the JVM is ended before the run has come to its end. */
  private void interrupted(Place place, RunSummary summary) {
    RunDirectory directory = place.directory();
    directory.write(
        RunDirectory.SUMMARY,
        Json.pretty(summary.failed("interrupted", "The process was told to end.")) + "\n");
    PrintWriter stderr = spec.commandLine().getErr();
    stderr.print(
        "\nbackdraft: interrupted; %s has what was reached.\n".formatted(directory.path()));
    printNext(place, stderr);
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending already, and the hook has run or runs now.
      return;
    }
  }

  private static int terminalColumns() {
    return Integer.getInteger("backdraft.terminal.columns", 0);
  }
}
