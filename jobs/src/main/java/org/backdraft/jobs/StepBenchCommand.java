package org.backdraft.jobs;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.backdraft.driver.ConfigurationException;
import org.backdraft.driver.TrainingConfig;
import org.backdraft.jobs.bench.StepBench;
import org.backdraft.jobs.model.ModelLookup;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a training step. */
@Command(
    name = "step",
    sortOptions = false,
    description = "Measures forward + backward + update on synthetic data.",
    footer = {"", "Example: backdraft bench step --model lenet5 --batch 256 --threads 2 --json"})
final class StepBenchCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME|FILE.yaml",
      description = "The network.")
  private String model;

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = ShapeConverter.class,
      description = "Shape of an example; else what the network was made for.")
  private Shape input;

  @Option(names = "--batch", paramLabel = "N", description = "Examples a step.")
  private int batch = TrainingConfig.defaults().data().batch();

  @Option(names = "--threads", paramLabel = "T", description = "Threads; else all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--seconds", paramLabel = "S", description = "Time to measure for.")
  private double seconds = 5;

  @Option(
      names = "--leaves",
      paramLabel = "V",
      description = "Leaves of a batch; else the default for it.")
  private int leaves;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    require(batch >= 1, "--batch must be at least 1: got %s.", batch);
    require(threads >= 1, "--threads must be at least 1: got %s.", threads);
    require(seconds > 0 && seconds <= 3600, "--seconds must lie in (0, 3600]: got %s.", seconds);
    Network network = ModelLookup.network(model, input);
    StepBench.Request request =
        new StepBench.Request(
            network,
            batch,
            threads,
            seconds,
            LeavesOption.leaves(leaves, batch),
            DefaultOptimizer.create());
    StepBench.Result result;
    try {
      result = StepBench.run(request);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
    print(result, network);
    return 0;
  }

  private void print(StepBench.Result result, Network network) {
    PrintWriter out = spec.commandLine().getOut();
    Leaves cut = LeavesOption.leaves(leaves, batch);
    if (json) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("model", network.name());
      values.put("batch", batch);
      values.put("threads", threads);
      values.put("leaves", cut.count());
      values.put("kernels", result.kernels());
      values.put("steps", result.steps());
      values.put("ms_per_step", result.msPerStep());
      values.put("examples_per_second", result.examplesPerSecond());
      values.put("gflops", result.gflops());
      values.put("peak_gflops", orNull(result.peakGflops()));
      values.put("peak_fraction", orNull(result.peakFraction()));
      out.print(Json.line(values) + "\n");
      return;
    }
    out.print(
        String.format(
            Locale.ROOT,
            "%s  batch %d in %d leaves  %d threads  %s kernels%n"
                + "%.3f ms a step  %s examples a second  %.2f GFLOP/s",
            network.name(),
            batch,
            cut.count(),
            threads,
            result.kernels(),
            result.msPerStep(),
            Amounts.count(Math.round(result.examplesPerSecond())),
            result.gflops()));
    if (result.peakGflops().isPresent()) {
      out.print(
          String.format(
              Locale.ROOT,
              " = %s of the %.1f that registers alone reach",
              Amounts.percent(result.peakFraction().getAsDouble()),
              result.peakGflops().getAsDouble()));
    }
    out.print("\n");
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static void require(boolean holds, String message, Object value) {
    if (!holds) {
      throw new ConfigurationException(String.format(Locale.ROOT, message, value));
    }
  }
}
