package org.backdraft.jobs.checkpoint;

import org.backdraft.jobs.options.StandardOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What can be done with the checkpoints of a run. */
@Command(
    name = "checkpoint",
    description = "Lists, verifies and removes the checkpoints of a run.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: backdraft checkpoint list runs/latest"},
    subcommands = {
      CheckpointListCommand.class,
      CheckpointVerifyCommand.class,
      CheckpointPruneCommand.class
    })
public final class CheckpointCommand implements Runnable {
  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "A command is needed: " + spec.subcommands().keySet() + ".");
  }
}
