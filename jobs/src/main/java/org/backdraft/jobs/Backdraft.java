package org.backdraft.jobs;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.apache.spark.SparkUserAppException;
import org.backdraft.jobs.bench.BenchCommand;
import org.backdraft.jobs.checkpoint.CheckpointCommand;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.process.Failure;
import org.backdraft.jobs.process.Version;
import org.backdraft.jobs.spark.SubmittedExit;
import org.backdraft.jobs.train.FindRateCommand;
import org.backdraft.jobs.train.TrainCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The entry point: {@code bin/backdraft COMMAND} on a laptop, {@code spark-submit backdraft.jar
 * COMMAND} on a cluster. Results go to standard output, messages to standard error.
 */
@Command(
    name = "backdraft",
    description = "Trains neural networks data-parallel on Apache Spark.",
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Example: backdraft train --recipe quickstart",
      "",
      "Exit codes: 0 done, 1 internal error, 2 usage or configuration, 3 data, 4 diverged,",
      "5 target not reached, 6 too many failures, 130 interrupted."
    },
    subcommands = {
      TrainCommand.class,
      FindRateCommand.class,
      EvalCommand.class,
      SummaryCommand.class,
      RecipesCommand.class,
      CheckpointCommand.class,
      DoctorCommand.class,
      BenchCommand.class
    })
public final class Backdraft implements Runnable {
  @Mixin private StandardOptions standard;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the versions of Backdraft, Spark and the JDK.")
  private boolean version;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /**
   * Runs one command and ends the JVM with its exit code.
   *
   * @throws SparkUserAppException with the code where spark-submit ends the JVM
   */
  public static void main(String[] args) throws SparkUserAppException {
    int exitCode = run(args, writer(FileDescriptor.out), writer(FileDescriptor.err));
    if (SubmittedExit.applies()) {
      SubmittedExit.with(exitCode);
    } else {
      System.exit(exitCode);
    }
  }

  /** Runs one command; returns its exit code and never throws. */
  static int run(String[] args, PrintWriter out, PrintWriter err) {
    Failure failure = new Failure();
    try {
      return new CommandLine(new Backdraft())
          .setOut(out)
          .setErr(err)
          .setParameterExceptionHandler(failure)
          .setExecutionExceptionHandler(failure)
          .execute(args);
    } catch (Throwable thrown) {
      // The thread's top frame: what comes here is an Error.
      return Failure.report(thrown, false, err);
    } finally {
      out.flush();
      err.flush();
    }
  }

  private static PrintWriter writer(FileDescriptor stream) {
    return new PrintWriter(new FileOutputStream(stream), true, StandardCharsets.UTF_8);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "A command is needed: " + spec.subcommands().keySet() + ".");
  }
}
