package org.backdraft.jobs.process;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import org.backdraft.driver.failure.BackdraftException;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.nn.ShapeException;
import picocli.CommandLine;

/**
 * What becomes of an exception: one message on standard error and an exit code. Only what is our
 * own mistake, or asked for by {@code --debug}, comes with a stack trace.
 */
public final class Failure
    implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {
  public static final int INTERNAL = 1;
  public static final int USAGE = 2;
  public static final int DATA = 3;

  /** The exit code: 0 done, 1 internal, 2 usage, 3 data, 4 diverged, 5 target, 6 … */
  public static int exitCode(Throwable failure) {
    if (failure instanceof BackdraftException known) {
      return known.exitCode();
    }
    if (failure instanceof ShapeException) {
      return USAGE;
    }
    return failure instanceof IOException ? DATA : INTERNAL;
  }

  /** The {@code status} of a run that ends by this. */
  public static String status(Throwable failure) {
    if (failure instanceof TrainingDivergedException) {
      return "diverged";
    }
    return failure instanceof RunInterruptedException ? "interrupted" : "failed";
  }

  /** One text for people; never empty. */
  public static String message(Throwable failure) {
    boolean isOurs =
        failure instanceof IllegalArgumentException
            || failure.getClass().getName().startsWith("org.backdraft.");
    return isOurs && failure.getMessage() != null ? failure.getMessage() : failure.toString();
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    boolean debug =
        parsed.hasMatchedOption("--debug")
            || parsed.subcommands().stream().anyMatch(each -> each.hasMatchedOption("--debug"));
    return report(failure, debug, command.getErr());
  }

  /** Prints a failure and says what to exit with. */
  public static int report(Throwable failure, boolean debug, PrintWriter err) {
    int code = exitCode(failure);
    err.println("backdraft: " + message(failure));
    if (debug || code == INTERNAL) {
      failure.printStackTrace(err);
    }
    err.flush();
    return code;
  }

  @Override
  public int handleParseException(CommandLine.ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    if (failure.getCause() instanceof ConfigurationException cause) {
      return report(cause, false, err);
    }
    err.println("backdraft: " + failure.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
    err.println(
        String.format(Locale.ROOT, "Try '%s --help'.", command.getCommandSpec().qualifiedName()));
    err.flush();
    return USAGE;
  }
}
