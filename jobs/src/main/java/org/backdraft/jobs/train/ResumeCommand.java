package org.backdraft.jobs.train;

import java.nio.file.Path;
import java.util.Optional;
import org.backdraft.jobs.spark.SubmittedExit;

/** The command that goes on with a run, to be pasted into a shell. */
final class ResumeCommand {
  /** Set by {@code bin/backdraft}: how it was called. */
  private static final String CALLED = "BACKDRAFT_COMMAND";

  private ResumeCommand() {}

  /**
   * @param run its folder
   * @param master as it was given to the command
   */
  static String of(Path run, Optional<String> master) {
    String called = System.getenv(CALLED);
    String program;
    if (called != null) {
      program = quoted(called);
    } else if (SubmittedExit.applies()) {
      program = "spark-submit [its options as before] backdraft.jar";
    } else {
      program = "backdraft";
    }
    return program
        + " train --resume "
        + quoted(run.toString())
        + master.map(url -> " --master " + quoted(url)).orElse("");
  }

  /** As a shell reads one word. */
  static String quoted(String word) {
    return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
