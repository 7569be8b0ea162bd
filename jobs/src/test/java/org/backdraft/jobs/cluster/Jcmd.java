package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the JDK's {@code jcmd} tells of another JVM. */
final class Jcmd {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

  private Jcmd() {}

  /** The stacks of its threads. */
  static String threads(Path logs, long pid) throws Exception {
    Command.Result result = run(logs, pid, "Thread.print");
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    return result.stdout();
  }

  /** Bytes of the objects that are in use; empty of a JVM that is about to end. */
  static OptionalLong liveBytes(Path logs, long pid) throws Exception {
    Command.Result result = run(logs, pid, "GC.class_histogram");
    Matcher total = TOTAL.matcher(result.stdout());
    return total.find() ? OptionalLong.of(Long.parseLong(total.group(1))) : OptionalLong.empty();
  }

  private static Command.Result run(Path logs, long pid, String... command)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    words.add(Long.toString(pid));
    words.addAll(List.of(command));
    try (Command run = Command.start(logs, Map.of(), words)) {
      return run.await(LIMIT);
    }
  }
}
