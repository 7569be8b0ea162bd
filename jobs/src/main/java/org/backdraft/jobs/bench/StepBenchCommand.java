package org.backdraft.jobs.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.options.DefaultOptimizer;
import org.backdraft.jobs.options.LeavesOption;
import org.backdraft.jobs.options.NetworkOptions;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.optim.Optimizer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a training step. */
@Command(
    name = "step",
    sortOptions = false,
    description = "Measures forward + loss + backward + update on synthetic data.",
    footer = {"", "Example: backdraft bench step --model lenet5 --batch 256 --threads 2 --json"})
final class StepBenchCommand implements Callable<Integer> {
  @Mixin private NetworkOptions of;

  @Option(names = "--batch", paramLabel = "N", description = "Examples a step.")
  private int batch = TrainingConfig.defaults().data().batch();

  @Option(
      names = "--leaves",
      paramLabel = "V",
      description = "Leaves of a batch; else the default for it.")
  private int leaves;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "One of train's optimizer.name; else SGD with momentum 0.9.")
  private String optimizer;

  @Mixin private BenchOptions options;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException, IOException {
    options.check();
    BenchOptions.require(batch >= 1, "--batch must be at least 1: got %s.", batch);
    Network network = of.network();
    Optimizer rule =
        optimizer == null ? DefaultOptimizer.create() : DefaultOptimizer.named(optimizer);
    StepBench.Result result;
    try {
      result =
          StepBench.run(
              new StepBench.Request(
                  network,
                  batch,
                  options.threads(),
                  options.seconds(),
                  LeavesOption.leaves(leaves, batch),
                  rule));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
    print(result, network, rule);
    return 0;
  }

  private void print(StepBench.Result result, Network network, Optimizer rule) {
    PrintWriter out = spec.commandLine().getOut();
    double msPerStep = 1e3 * result.timing().medianSeconds();
    Leaves cut = LeavesOption.leaves(leaves, batch);
    if (options.json()) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("model", network.name());
      values.put("batch", batch);
      values.put("threads", options.threads());
      values.put("leaves", cut.count());
      values.put("optimizer", rule.name());
      values.put("kernels", result.kernels());
      values.put("ms_per_step", msPerStep);
      values.put("examples_per_second", result.examplesPerSecond());
      values.putAll(BenchOptions.values(result.throughput(), result.timing()));
      values.put(
          "resident_mib",
          result.residentMib().isPresent() ? result.residentMib().getAsLong() : null);
      out.print(Json.line(values) + "\n");
      return;
    }
    out.print(
        String.format(
            Locale.ROOT,
            "%s  batch %d in %d leaves  %s  %d threads  %s kernels%n"
                + "%.3f ms a step  %s examples a second  %s%n",
            network.name(),
            batch,
            cut.count(),
            rule.name(),
            options.threads(),
            result.kernels(),
            msPerStep,
            Amounts.count(Math.round(result.examplesPerSecond())),
            BenchOptions.words(result.throughput(), result.timing())));
    result
        .residentMib()
        .ifPresent(mib -> out.print(String.format(Locale.ROOT, "%d MiB of memory%n", mib)));
  }
}
