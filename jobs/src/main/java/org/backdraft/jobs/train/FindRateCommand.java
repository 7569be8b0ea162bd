package org.backdraft.jobs.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.backdraft.driver.StopRequest;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.jobs.config.ConfigLayers;
import org.backdraft.jobs.config.ConfigText;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.options.StartOptions;
import org.backdraft.jobs.options.TrainOptions;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.jobs.rate.RateCurve;
import org.backdraft.jobs.rate.RateProgress;
import org.backdraft.jobs.rate.RateSearch;
import org.backdraft.jobs.run.Listeners;
import org.backdraft.jobs.run.Progress;
import org.backdraft.jobs.run.RunDirectory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets the learning rate of a short run rise from step to step, and suggests one. */
@Command(
    name = "find-lr",
    sortOptions = false,
    description =
        "Lets the learning rate of a short run rise until the loss does, and suggests one.",
    footer = {
      "",
      "Examples:",
      "  backdraft find-lr --recipe quickstart",
      "  backdraft find-lr --model resnet20 --data idx:mnist --from 1e-5 --to 10 --steps 200"
    })
public final class FindRateCommand implements Callable<Integer> {
  private static final int LEAST_STEPS = 20;
  private static final int ROWS = 16;

  /** What makes a run of a training: the rates, and nothing besides steps. */
  private static final Map<String, Object> PLAIN =
      Map.ofEntries(
          Map.entry("schedule.name", "range-test"),
          Map.entry("schedule.warmup", ""),
          Map.entry("schedule.base-batch", 0),
          Map.entry("train.target", 0),
          Map.entry("train.average.name", "none"),
          Map.entry("train.non-finite.name", "fail"),
          Map.entry("train.divergence.loss", 0),
          Map.entry("train.divergence.growth", 0),
          Map.entry("early-stopping.patience", 0),
          Map.entry("cross-validation.folds", 0),
          Map.entry("cross-validation.fold", 0),
          Map.entry("baseline.enabled", false),
          Map.entry("checkpoint.every", "never"));

  @Mixin private TrainOptions options;

  @Mixin private StartOptions start;

  @Option(
      names = "--from",
      paramLabel = "X",
      defaultValue = "1e-6",
      description = "Rate of the first step (${DEFAULT-VALUE}).")
  private String from;

  @Option(
      names = "--to",
      paramLabel = "X",
      defaultValue = "10",
      description = "Rate of the last step (${DEFAULT-VALUE}).")
  private String to;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "100",
      description = "Steps from the one to the other (${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the files go; must hold no run.")
  private Path out;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (options.lesson().isPresent()) {
      throw new ConfigurationException(
          "find-lr needs a recipe that trains a network; this one is a lesson.");
    }
    ConfigLayers layers = layers();
    TrainingConfig config = layers.toConfig();
    options.requireStart(config, start.hasWeights());
    if (!config.optimizer().followsSchedule()) {
      throw new ConfigurationException(
          "optimizer.name=%s finds its own step lengths, and has no rate that find-lr could look for."
              .formatted(config.optimizer().name()));
    }
    LearningNetwork network = LearningNetwork.of(config);
    String name = "find-lr-" + options.runName(layers);
    RunDirectory directory =
        out == null
            ? RunDirectory.timed(Path.of("runs"), LocalDateTime.now(ZoneId.systemDefault()), name)
            : RunDirectory.at(out);
    directory.write(RunDirectory.CONFIG, ConfigText.of(layers));
    RateCurve curve = search(network, config);
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("status", "completed");
    results.put("name", name);
    results.putAll(curve.results());
    directory.write(RunDirectory.SUMMARY, Json.pretty(results) + "\n");
    directory.write("rates.csv", curve.csv());
    directory.write("rates.svg", curve.svg());
    results.put("run", directory.path().toString());
    spec.commandLine().getOut().print(json ? Json.line(results) + "\n" : text(curve, directory));
    return 0;
  }

  private ConfigLayers layers() {
    if (steps < LEAST_STEPS) {
      throw new ConfigurationException(
          "--steps must be at least %d: got %d.".formatted(LEAST_STEPS, steps));
    }
    ConfigLayers layers = options.layers(System.getProperties());
    PLAIN.forEach((key, value) -> layers.set(key, value, "find-lr"));
    layers.set("schedule.range-test.start-lr", from, "--from");
    layers.set("optimizer.lr", to, "--to");
    layers.set("train.steps", steps, "--steps");
    layers.set("train.epochs", steps, "--steps"); // each has one step at least
    TrainingConfig config = layers.toConfig();
    if (config.train().leaves() == 0) {
      layers.set("train.leaves", config.leaves().count(), "from data.batch");
    }
    return layers;
  }

  private RateCurve search(LearningNetwork network, TrainingConfig config) throws IOException {
    PrintWriter stderr = spec.commandLine().getErr();
    Progress progress =
        new Progress(stderr, Integer.getInteger("backdraft.terminal.columns", 0), System::nanoTime);
    StopRequest stop = new StopRequest();
    RateSearch search = new RateSearch(steps, stop::ask);
    try {
      TrainingReport unused =
          network
              .job(
                  config,
                  start.clusters(),
                  new Listeners(List.of(search, new RateProgress(progress, steps))),
                  start.weights(config, progress::note))
              .stoppingBy(stop)
              .run();
    } catch (TrainingDivergedException e) {
      search.diverge();
    } catch (RunInterruptedException e) {
      if (!search.isOver()) { // then it was somebody else who ended the run
        throw e;
      }
    } finally {
      progress.endLine();
    }
    return search.curve();
  }

  private static String text(RateCurve curve, RunDirectory directory) {
    OptionalInt steepest = curve.steepest();
    OptionalInt lowest = curve.lowest();
    TextTable table = new TextTable(">step", ">lr", ">loss", ">smoothed", "");
    int every = Math.max(1, curve.steps() / ROWS);
    for (int i = 0; i < curve.steps(); i++) {
      boolean isSteepest = steepest.isPresent() && steepest.getAsInt() == i;
      boolean isLowest = lowest.isPresent() && lowest.getAsInt() == i;
      if (i % every == 0 || isSteepest || isLowest || i == curve.steps() - 1) {
        table.row(
            Integer.toString(i + 1),
            rate(curve.rate(i)),
            Amounts.loss(curve.loss(i)),
            Amounts.loss(curve.smoothed(i)),
            isSteepest ? "<- steepest" : isLowest ? "<- lowest" : "");
      }
    }
    String found =
        steepest.isPresent()
            ? "rate   %s, where the loss falls fastest; it is lowest at %s%s\nnext   --lr %s\n"
                .formatted(
                    rate(curve.rate(steepest.getAsInt())),
                    rate(curve.rate(lowest.orElseThrow())),
                    curve.hasDiverged() ? ", and grows without bound behind" : "",
                    rate(curve.rate(steepest.getAsInt())))
            : "rate   none: the loss does not fall by a twentieth anywhere. Begin higher (--from), end"
                + " higher (--to), or take more steps (--steps).\n";
    return table + found + "files  " + directory.path() + "\n";
  }

  private static String rate(double rate) {
    return String.format(Locale.ROOT, "%.2g", rate);
  }
}
