package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A run that is struck again and again, perhaps while it still recovers, and whose driver is
 * started again with {@code --resume} when it was killed.
 */
final class ChaosRun implements AutoCloseable {
  private static final int MOST_FAULTS = 6;
  private static final int LEAST_PAUSE_MILLIS = 4_000;
  private static final int MOST_PAUSE_MILLIS = 20_000;
  private static final Duration LIMIT = Duration.ofMinutes(8);

  /** Faults after which a driver has started all that it needs. */
  private static final int SETTLED = 3;

  /** Files and threads that it may have more of after that. */
  private static final int SLACK = 40;

  /** Likewise of objects in use. */
  private static final long HEAP_SLACK_BYTES = 12 << 20;

  private enum Fault {
    KILL_EXECUTOR,
    STOP_EXECUTOR,
    PAUSE_EXECUTOR,
    KILL_DRIVER
  }

  private final StandaloneCluster cluster;
  private final RecoveryScenario scenario;
  private final Random random;
  private Command run;
  private int faults;
  private int looks; // at this driver
  private long files;
  private long threads;
  private long heapBytes;

  ChaosRun(StandaloneCluster cluster, RecoveryScenario scenario, Random random) throws IOException {
    this.cluster = cluster;
    this.scenario = scenario;
    this.random = random;
    run = cluster.submit(List.of(), scenario.command());
  }

  /** How often it was struck. */
  int faults() {
    return faults;
  }

  /** The summary of the run. */
  JsonNode toTheEnd() throws Exception {
    while (faults < MOST_FAULTS && livesFor(pauseMillis())) {
      if (hasCheckpoint()) { // else a killed driver leaves nothing to go on with
        strike(Fault.values()[random.nextInt(Fault.values().length)]);
        faults++;
        assertNothingLeaks();
      }
    }
    return Training.summary(run.await(LIMIT), scenario.out());
  }

  /** Steps are told in order, and one in twenty is saved. */
  private boolean hasCheckpoint() throws IOException {
    Path metrics = scenario.out().resolve("metrics.jsonl");
    return Files.exists(metrics) && Files.readAllLines(metrics).size() >= 60;
  }

  private int pauseMillis() {
    return LEAST_PAUSE_MILLIS + random.nextInt(MOST_PAUSE_MILLIS - LEAST_PAUSE_MILLIS);
  }

  private boolean livesFor(long millis) throws InterruptedException {
    long startNanos = System.nanoTime();
    while (run.isAlive() && System.nanoTime() - startNanos < millis * 1_000_000L) {
      Thread.sleep(50);
    }
    return run.isAlive();
  }

  private void strike(Fault fault) throws Exception {
    System.out.printf("%s: %s%n", scenario.out().getFileName(), fault);
    switch (fault) {
      case KILL_EXECUTOR -> signal("KILL");
      case STOP_EXECUTOR -> signal("STOP");
      case PAUSE_EXECUTOR -> {
        long pid = signal("STOP");
        Thread.sleep(3_000);
        if (pid > 0) {
          Command.signal(pid, "CONT");
        }
      }
      case KILL_DRIVER -> {
        run.close(); // kill -9
        run = cluster.submit(List.of(), List.of("train", "--resume", scenario.out().toString()));
        looks = 0;
      }
    }
  }

  /** Sends one of the executors a signal, if there is one; its pid. */
  private long signal(String name) throws Exception {
    List<ProcessHandle> executors = cluster.executors();
    if (executors.isEmpty()) {
      return 0;
    }
    long pid = executors.get(random.nextInt(executors.size())).pid();
    Command.signal(pid, name);
    return pid;
  }

  /** Looks at the driver, which lives through all faults but one. */
  private void assertNothingLeaks() throws Exception {
    Path process = Path.of("/proc", Long.toString(run.pid()));
    if (!run.isAlive() || !Files.isDirectory(process)) {
      return;
    }
    long openFiles = count(process.resolve("fd"));
    long livingThreads = count(process.resolve("task"));
    OptionalLong objects = Jcmd.liveBytes(scenario.out().getParent(), run.pid());
    if (objects.isEmpty()) {
      return;
    }
    long liveBytes = objects.getAsLong();
    System.out.printf(
        "%s: the driver has %d files, %d threads, %.1f MB of objects%n",
        scenario.out().getFileName(), openFiles, livingThreads, liveBytes / 1e6);
    if (looks++ < SETTLED) {
      files = looks == 1 ? openFiles : Math.max(files, openFiles);
      threads = looks == 1 ? livingThreads : Math.max(threads, livingThreads);
      heapBytes = looks == 1 ? liveBytes : Math.max(heapBytes, liveBytes);
    }
    assertThat(openFiles).as("open files of the driver").isLessThan(files + SLACK);
    assertThat(livingThreads).as("threads of the driver").isLessThan(threads + SLACK);
    assertThat(liveBytes).as("objects of the driver").isLessThan(heapBytes + HEAP_SLACK_BYTES);
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    }
  }

  @Override
  public void close() {
    run.close();
  }
}
