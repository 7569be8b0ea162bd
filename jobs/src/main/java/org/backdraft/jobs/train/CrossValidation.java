package org.backdraft.jobs.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.config.ConfigLayers;
import org.backdraft.jobs.config.ConfigText;
import org.backdraft.jobs.options.StartOptions;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.run.FoldFolder;
import org.backdraft.jobs.run.FoldResults;
import org.backdraft.jobs.run.RunDirectory;
import org.backdraft.jobs.run.RunSummary;
import org.backdraft.jobs.train.TrainingRun.Place;

/** Trains a network for each fold of a cross-validation. Used by one thread. */
final class CrossValidation {
  /** The configuration's key of the fold that a network is validated on. */
  static final String FOLD_KEY = "cross-validation.fold";

  /** The folder of a fold, before its number. */
  private static final String FOLD = "fold-";

  private final TrainingRun run;
  private final StartOptions start;
  private final RunDirectory directory;
  private final boolean isResumed;

  /**
   * @param directory of the whole, which has a folder for each fold
   * @param isResumed whether it goes on with what is there
   */
  CrossValidation(TrainingRun run, StartOptions start, RunDirectory directory, boolean isResumed) {
    this.run = run;
    this.start = start;
    this.directory = directory;
    this.isResumed = isResumed;
  }

  /**
   * Trains the networks, each in a folder of its own; those that are done are left as they are.
   *
   * @param layers changed: the fold is set
   * @param name of the run
   * @return empty where the run was told to stop
   */
  Optional<FoldResults> run(ConfigLayers layers, String name) throws IOException {
    requireSameStart();
    int folds = layers.toConfig().crossValidation().folds();
    FoldResults results = new FoldResults(name, folds, start.weightsPath());
    directory.write(RunDirectory.SUMMARY, Json.pretty(results.summary()) + "\n");
    for (int fold = 1; fold <= folds; fold++) {
      TrainingConfig config = layers.set(FOLD_KEY, fold, "one of its folds").toConfig();
      Path path = directory.file(FOLD + fold);
      FoldFolder own = isResumed ? FoldFolder.left(path) : FoldFolder.beginning(path);
      boolean isDone = own.result().isPresent();
      run.note("fold", "%d of %d%s".formatted(fold, folds, isDone ? ", done before" : ""));
      Optional<Map<String, Object>> result =
          isDone ? own.result() : trainFold(layers, config, own, fold);
      result.ifPresent(results::add);
      directory.write(RunDirectory.SUMMARY, Json.pretty(results.summary()) + "\n");
      if (result.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.of(results);
  }

  private Optional<Map<String, Object>> trainFold(
      ConfigLayers layers, TrainingConfig config, FoldFolder folder, int fold) throws IOException {
    folder.directory().write(RunDirectory.CONFIG, ConfigText.of(layers));
    RunSummary summary = new RunSummary(FOLD + fold).agreeing(config.sync());
    Place place = new Place(folder.directory(), folder.isResumed(), directory);
    return run.train(config, place, summary).map(summary::ended);
  }

  /**
   * Folds that have not begun start with the weights that the others have started with, which no
   * configuration holds.
   */
  private void requireSameStart() throws IOException {
    Path told = directory.file(RunDirectory.SUMMARY);
    if (!isResumed || !Files.isRegularFile(told)) {
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
}
