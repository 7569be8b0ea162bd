package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the fast tier holds on the JDK of the build holds on JDK 25 too. */
final class UnitsOnJdk25IT {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Pattern LAST_LINE =
      Pattern.compile("succeeded (\\d+) failed (\\d+) skipped (\\d+)\\s*$");

  @TempDir Path folder;

  /** Where the JVM matters most: the compiler of the kernels, and threads. */
  @Test
  @Tag("cluster")
  void kernelsPass() throws Exception {
    unitTestsPass("worker-kernels", 400);
  }

  @ParameterizedTest
  @CsvSource({"parameter-server, 70", "driver, 400"})
  @Tag("full")
  void collectivesAndTheDriverPass(String module, int fewest) throws Exception {
    unitTestsPass(module, fewest);
  }

  /**
   * @param fewest tests that the module has at least, so that an empty run is no success
   */
  private void unitTestsPass(String module, int fewest) throws Exception {
    assumeTrue(
        Repository.jdk25().isPresent(), "no JDK 25 found; give its home by -Dbackdraft.jdk25");
    Path tests = Repository.classes(module, "test-classes");
    assertThat(tests).as("compiled tests; ./mvnw test-compile makes them").isDirectory();

    List<String> words = new ArrayList<>();
    words.add(Repository.jdk25().get().resolve("bin/java").toString());
    words.addAll(flagsOfThisJvm());
    words.add("-cp");
    words.add(
        String.join(
            File.pathSeparator,
            tests.toString(),
            Repository.classes(module, "classes").toString(),
            System.getProperty("java.class.path")));
    words.add(UnitTestRun.class.getName());
    words.add(tests.toString());
    try (Command run = Command.start(folder, Map.of(), words)) {
      Command.Result result = run.await(LIMIT);
      assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
      Matcher line = LAST_LINE.matcher(result.stdout());
      assertThat(line.find()).as(result.stdout()).isTrue();
      assertThat(Integer.parseInt(line.group(1)))
          .as("tests that ran")
          .isGreaterThanOrEqualTo(fewest);
    }
  }

  /** Assertions, heap and modules as Maven gives them; no agents. */
  private static List<String> flagsOfThisJvm() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-javaagent") && !flag.startsWith("-agentlib"))
        .toList();
  }
}
