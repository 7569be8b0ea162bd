package org.backdraft.jobs.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.CheckpointPlace;
import org.backdraft.driver.StopRequest;
import org.backdraft.driver.TrainingListener;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.Weights;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.jobs.model.TrainedModel;
import org.backdraft.jobs.options.StartOptions;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.process.Exit;
import org.backdraft.jobs.process.Failure;
import org.backdraft.jobs.process.Signals;
import org.backdraft.jobs.process.Version;
import org.backdraft.jobs.run.EpochCurve;
import org.backdraft.jobs.run.FitVerdict;
import org.backdraft.jobs.run.FunctionFit;
import org.backdraft.jobs.run.Listeners;
import org.backdraft.jobs.run.Progress;
import org.backdraft.jobs.run.RunDirectory;
import org.backdraft.jobs.run.RunRecorder;
import org.backdraft.jobs.run.RunSummary;

/**
 * Trains networks in run folders, each to its end or until a signal ends it, and tells on stderr
 * how it goes and how to go on. Used by one thread.
 */
final class TrainingRun {
  private final StartOptions start;
  private final LearningNetwork network;
  private final PrintWriter stderr;

  TrainingRun(StartOptions start, LearningNetwork network, PrintWriter stderr) {
    this.start = start;
    this.network = network;
    this.stderr = stderr;
  }

  /**
   * Where a network is trained.
   *
   * @param isResumed whether it goes on from a checkpoint
   * @param whole what {@code --resume} takes: the folder itself, or that of the cross-validation
   */
  record Place(RunDirectory directory, boolean isResumed, RunDirectory whole) {
    boolean canGoOn() {
      return directory.hasCheckpoint() || !directory.path().equals(whole.path());
    }
  }

  /** Trains, and writes what comes of it; empty where the run was told to stop. */
  Optional<TrainingReport> train(TrainingConfig config, Place place, RunSummary summary)
      throws IOException {
    RunDirectory directory = place.directory();
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

  /** Tells something on a line of its own. */
  void note(String topic, String text) {
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

  /** The first signal asks the run to stop, the second one ends the process. */
  private void signalled(int count, StopRequest stop, Progress progress) {
    if (count > 1) {
      Exit.now(130);
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
    stderr.print("backdraft: %s\n".formatted(Failure.message(e)));
    printNext(place);
  }

  private void printNext(Place place) {
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
    stderr.print(
        "\nbackdraft: interrupted; %s has what was reached.\n".formatted(directory.path()));
    printNext(place);
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
