package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What drivers that all do the same hold open: none may have many more files, threads and objects
 * than the first ones had.
 */
final class DriverWatch {
  /** Until then a driver starts. */
  private static final Duration YOUNG = Duration.ofSeconds(30);

  /** Looks that tell what is usual. */
  private static final int USUAL = 6;

  /** Spark's pools grow to dozens of threads, and shrink a minute later. */
  private static final int SLACK = 60;

  private static final long SLACK_BYTES = 12 << 20;

  private final Path logs;
  private int looks;
  private long mostFiles;
  private long mostThreads;
  private long mostBytes;

  /**
   * @param logs a folder for them
   */
  DriverWatch(Path logs) {
    this.logs = logs;
  }

  /** Looks at a driver, if it lives and has started. */
  void assertNothingLeaks(Command driver, String name) throws Exception {
    Path process = Path.of("/proc", Long.toString(driver.pid()));
    if (isYoung(driver) || !Files.isDirectory(process)) {
      return;
    }
    long files = count(process.resolve("fd"));
    long threads = count(process.resolve("task"));
    OptionalLong objects = Jcmd.liveBytes(logs, driver.pid());
    if (objects.isEmpty()) {
      return;
    }
    long bytes = objects.getAsLong();
    System.out.printf(
        "%s: the driver has %d files, %d threads, %.1f MB of objects%n",
        name, files, threads, bytes / 1e6);
    if (looks++ < USUAL) {
      mostFiles = Math.max(mostFiles, files);
      mostThreads = Math.max(mostThreads, threads);
      mostBytes = Math.max(mostBytes, bytes);
    }
    assertThat(files).as("open files of the driver").isLessThan(mostFiles + SLACK);
    assertThat(threads).as("threads of the driver").isLessThan(mostThreads + SLACK);
    assertThat(bytes).as("objects of the driver").isLessThan(mostBytes + SLACK_BYTES);
  }

  private static boolean isYoung(Command driver) {
    return ProcessHandle.of(driver.pid())
        .flatMap(each -> each.info().startInstant())
        .map(start -> start.isAfter(Instant.now().minus(YOUNG)))
        .orElse(true);
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    }
  }
}
