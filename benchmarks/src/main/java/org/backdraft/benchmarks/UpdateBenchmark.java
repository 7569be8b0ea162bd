package org.backdraft.benchmarks;

import java.util.concurrent.TimeUnit;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.random.CounterRandom;
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

/** One pass of an optimizer over parameters, by one thread: out of L2, and out of memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsPrepend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx1g"})
public class UpdateBenchmark {
  @Param({"32768", "16777216"})
  public int length;

  private UpdateKernels kernels;
  private float[] w;
  private float[] g;
  private float[] first;
  private float[] second;

  /** Parameters and gradients in [-1, 1). */
  @Setup
  public void setUp() {
    kernels = KernelLookup.choose().kernels().update();
    w = new float[length];
    g = new float[length];
    first = new float[length];
    second = new float[length];
    for (int i = 0; i < length; i++) {
      w[i] = 2 * CounterRandom.uniform(1, 0, i) - 1;
      g[i] = 2 * CounterRandom.uniform(1, 1, i) - 1;
    }
  }

  /** Reads w, g, v; writes w, v. */
  @Benchmark
  public void momentum(Work work) {
    kernels.momentum(w, g, first, 0, length, 0, 64, 1e-4f, 1e-4f, 0.9f, false);
    work.bytes += 20L * length;
  }

  /** Reads w, g, m, v; writes w, m, v. */
  @Benchmark
  public void adam(Work work) {
    kernels.adam(w, g, first, second, 0, length, 0, 64, 1e-4f, 1, 0.9f, 0.999f, 1e-8f, 1e-4f, 1);
    work.bytes += 28L * length;
  }

  /** Parameters must have moved, and stayed finite. */
  @TearDown
  public void tearDown() {
    for (int i = 0; i < length; i++) {
      if (!Float.isFinite(w[i]) || (first[i] == 0 && g[i] != 0)) {
        throw new AssertionError("Parameter " + i + " must be finite and updated: got " + w[i]);
      }
    }
  }
}
