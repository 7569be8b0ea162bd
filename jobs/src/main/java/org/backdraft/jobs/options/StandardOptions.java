package org.backdraft.jobs.options;

import picocli.CommandLine.Option;

/** The options that every command has. */
public final class StandardOptions {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Option(names = "--debug", description = "Print the stack trace of an error.")
  public boolean debug;
}
