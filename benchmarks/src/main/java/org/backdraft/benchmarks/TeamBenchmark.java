package org.backdraft.benchmarks;

import java.util.concurrent.TimeUnit;
import org.backdraft.concurrent.Team;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to give a team a task and to wait for its end: the task itself does nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsPrepend = "-XX:+UseParallelGC")
public class TeamBenchmark {
  /** More than there are processors: then threads park instead of spinning. */
  @Param({"1", "2", "4"})
  public int threads;

  private Team team;
  private long[] runs;
  private long tasks;
  private final Team.Task task = this::count;

  /** Starts the threads. */
  @Setup
  public void setUp() {
    team = new Team(threads);
    runs = new long[threads * 32];
    tasks = 0;
  }

  private void count(int thread) {
    runs[thread * 32]++;
  }

  @Benchmark
  public void dispatch() {
    team.run(task);
    tasks++;
  }

  /** Every thread must have run every task. */
  @TearDown
  public void tearDown() {
    team.close();
    for (int thread = 0; thread < threads; thread++) {
      if (runs[thread * 32] != tasks) {
        throw new AssertionError(
            "Thread " + thread + " ran " + runs[thread * 32] + " of " + tasks + " tasks.");
      }
    }
  }
}
