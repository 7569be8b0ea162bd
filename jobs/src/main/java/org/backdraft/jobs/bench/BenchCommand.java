package org.backdraft.jobs.bench;

import org.backdraft.jobs.options.StandardOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The measurements. */
@Command(
    name = "bench",
    description = "Measures this machine, without Spark, and predicts what many would do.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: backdraft bench step --model lenet5 --batch 256 --threads 2"},
    subcommands = {StepBenchCommand.class, GemmBenchCommand.class, ScalingBenchCommand.class})
public final class BenchCommand implements Runnable {
  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "A measurement is needed: " + spec.subcommands().keySet() + ".");
  }
}
