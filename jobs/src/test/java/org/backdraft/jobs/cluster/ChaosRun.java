package org.backdraft.jobs.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * A run that is struck again and again, perhaps while it still recovers, and whose driver is
 * started again with {@code --resume} when it was killed.
 */
final class ChaosRun implements AutoCloseable {
  private static final int MOST_FAULTS = 6;
  private static final int LEAST_PAUSE_MILLIS = 4_000;
  private static final int MOST_PAUSE_MILLIS = 20_000;
  private static final Duration LIMIT = Duration.ofMinutes(8);

  private enum Fault {
    KILL_EXECUTOR,
    STOP_EXECUTOR,
    PAUSE_EXECUTOR,
    KILL_DRIVER
  }

  private final StandaloneCluster cluster;
  private final RecoveryScenario scenario;
  private final Random random;
  private final DriverWatch watch;
  private Command run;
  private int faults;

  /**
   * @param watch over all drivers
   */
  ChaosRun(StandaloneCluster cluster, RecoveryScenario scenario, Random random, DriverWatch watch)
      throws IOException {
    this.cluster = cluster;
    this.scenario = scenario;
    this.random = random;
    this.watch = watch;
    run = cluster.submit(List.of(), scenario.command());
  }

  /** How often it was struck. */
  int faults() {
    return faults;
  }

  /** The summary of the run. */
  JsonNode toTheEnd() throws Exception {
    while (faults < MOST_FAULTS && livesFor(pauseMillis())) {
      // Else a killed driver leaves nothing to go on with, and an executor that is stopped before
      // its
      // driver knows it is nobody's to replace.
      if (hasCheckpoint() && hasExecutors()) {
        strike(Fault.values()[random.nextInt(Fault.values().length)]);
        faults++;
        watch.assertNothingLeaks(run, scenario.out().getFileName().toString());
      }
    }
    return Training.summary(run.await(LIMIT), scenario.out());
  }

  /** Steps are told in order, and one in twenty is saved. */
  private boolean hasCheckpoint() throws IOException {
    Path metrics = scenario.out().resolve("metrics.jsonl");
    return Files.exists(metrics) && Files.readAllLines(metrics).size() >= 60;
  }

  private boolean hasExecutors() throws IOException {
    return run.errors().contains("runs in executor");
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

  @Override
  public void close() {
    run.close();
  }
}
