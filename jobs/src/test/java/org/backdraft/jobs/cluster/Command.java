package org.backdraft.jobs.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A started process with its output in files; killed, with all its children, when closed. */
final class Command implements AutoCloseable {
  private final Process process;
  private final Path stdout;
  private final Path stderr;

  /** What a finished process left. */
  record Result(int exitCode, String stdout, String stderr) {}

  private Command(Process process, Path stdout, Path stderr) {
    this.process = process;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /**
   * @param logs folder for the two output files
   * @param environment added to the inherited one
   */
  static Command start(Path logs, Map<String, String> environment, List<String> words)
      throws IOException {
    Path stdout = Files.createTempFile(logs, "stdout-", ".txt");
    Path stderr = Files.createTempFile(logs, "stderr-", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile());
    builder.environment().putAll(environment);
    return new Command(builder.start(), stdout, stderr);
  }

  /** Waits for the end; fails the test, with the output so far, when it does not come in time. */
  Result await(Duration timeout) throws IOException, InterruptedException {
    if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      close();
      throw new AssertionError(
          "No end within " + timeout + ": " + process.info() + "\n" + errors() + output());
    }
    return new Result(process.exitValue(), output(), errors());
  }

  /** Sends the process a signal by its name, such as INT. */
  void signal(String name) throws IOException, InterruptedException {
    if (!signal(process.pid(), name)) {
      throw new AssertionError("No process took SIG" + name + ": " + process.info());
    }
  }

  /** Sends any process a signal; false if it is gone. */
  static boolean signal(long pid, String name) throws IOException, InterruptedException {
    return new ProcessBuilder("kill", "-" + name, "" + pid).start().waitFor() == 0;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String output() throws IOException {
    return Files.readString(stdout, StandardCharsets.UTF_8);
  }

  String errors() throws IOException {
    return Files.readString(stderr, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
