package org.backdraft.jobs;

import picocli.CommandLine.Option;

/** The options that every command has. */
final class StandardOptions {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Option(names = "--debug", description = "Print the stack trace of an error.")
  boolean debug;
}
