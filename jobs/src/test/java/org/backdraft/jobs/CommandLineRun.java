package org.backdraft.jobs;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command printed and returned, run within this JVM. */
record CommandLineRun(int exitCode, String out, String err) {
  static CommandLineRun of(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Backdraft.run(words, new PrintWriter(out), new PrintWriter(err));
    return new CommandLineRun(exitCode, out.toString(), err.toString());
  }
}
