package org.backdraft.benchmarks;

import java.util.concurrent.TimeUnit;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.PointwiseFunction;
import org.backdraft.kernel.PointwiseKernels;
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

/**
 * Work on each element alone, by one thread: 2048 elements stay in L1, 2^24 come from memory.
 * {@link #copy} is the JDK's own loop over the same bytes, to compare with.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsPrepend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx1g"})
public class PointwiseBenchmark {
  @Param({"2048", "16777216"})
  public int length;

  private PointwiseKernels kernels;
  private float[] x;
  private float[] y;
  private float[] z;

  /** Numbers in [-1, 1). */
  @Setup
  public void setUp() {
    kernels = KernelLookup.choose().kernels().pointwise();
    x = new float[length];
    y = new float[length];
    z = new float[length];
    for (int i = 0; i < length; i++) {
      x[i] = 2 * CounterRandom.uniform(1, 0, i) - 1;
      y[i] = 2 * CounterRandom.uniform(1, 1, i) - 1;
    }
  }

  @Benchmark
  public void copy(Work work) {
    System.arraycopy(x, 0, z, 0, length);
    work.bytes += 8L * length;
  }

  @Benchmark
  public void relu(Work work) {
    kernels.apply(PointwiseFunction.RELU, 1, x, 0, z, 0, length);
    work.bytes += 8L * length;
  }

  @Benchmark
  public void reluInPlace(Work work) {
    kernels.apply(PointwiseFunction.RELU, 1, z, 0, z, 0, length);
    work.bytes += 8L * length;
  }

  @Benchmark
  public void reluBackward(Work work) {
    kernels.applyBackward(PointwiseFunction.RELU, 1, x, 0, x, 0, y, 0, z, 0, length);
    work.bytes += 12L * length;
  }

  @Benchmark
  public void add(Work work) {
    kernels.add(x, 0, y, 0, z, 0, length);
    work.bytes += 12L * length;
  }

  @Benchmark
  public void dropout(Work work) {
    kernels.dropout(0.5f, CounterRandom.key(1, 0, 0), 0, 0, x, 0, z, 0, length);
    work.bytes += 8L * length;
  }

  /** No kernel here makes a number that is not finite out of these. */
  @TearDown
  public void tearDown() {
    for (float value : z) {
      if (!Float.isFinite(value)) {
        throw new AssertionError("The results must be finite: got " + value);
      }
    }
  }
}
