package org.backdraft.jobs.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Commands of Linux that tests use where they may. */
final class RootCommands {
  private RootCommands() {}

  /** Skips the test, with the reason, unless this is Linux, by root, and it may mount. */
  static void assumeMounting() throws IOException, InterruptedException {
    assume(List.of("id", "-u"), "0\n", "needs to be root");
    assume(
        List.of("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt && echo yes"),
        "yes\n",
        "needs unshare and mount of a tmpfs");
  }

  private static void assume(List<String> command, String output, String reason)
      throws IOException, InterruptedException {
    String found;
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      found = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int unused = process.waitFor();
    } catch (IOException e) {
      found = e.getMessage();
    }
    Assumptions.assumeTrue(found.equals(output), reason + ": " + command + " gave " + found);
  }

  /** Runs a command that must end well. */
  static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(List.of(command) + ": " + output);
    }
  }
}
