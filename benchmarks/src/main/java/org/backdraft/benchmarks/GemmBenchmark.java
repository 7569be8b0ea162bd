package org.backdraft.benchmarks;

import java.util.concurrent.TimeUnit;
import org.backdraft.jobs.bench.GemmProduct;
import org.backdraft.kernel.KernelLookup;
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
 * Square matrix products, packing included. Sizes up to 256 stay in L2, 2048 does not fit into it;
 * 127 and 1000 are no multiples of any tile.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class GemmBenchmark {
  @Param({"64", "127", "256", "512", "1000", "1024", "2048"})
  public int size;

  @Param({"1", "2"})
  public int threads;

  private GemmProduct product;

  /** Fills the matrices. */
  @Setup
  public void setUp() {
    product = new GemmProduct(size, threads, KernelLookup.choose().kernels());
  }

  @Benchmark
  @Fork(
      value = 3,
      jvmArgsPrepend = {
        "--add-modules=jdk.incubator.vector",
        "-XX:+UseParallelGC",
        "-Dbackdraft.kernels=simd"
      })
  public void simd(Work work) {
    product.run();
    work.flop += (long) product.operations();
  }

  /** The readable truth, for comparison. */
  @Benchmark
  @Fork(
      value = 3,
      jvmArgsPrepend = {"-XX:+UseParallelGC", "-Dbackdraft.kernels=scalar"})
  public void scalar(Work work) {
    product.run();
    work.flop += (long) product.operations();
  }

  /** Holds the last product to sums in double. */
  @TearDown
  public void tearDown() {
    product.check();
    product.close();
  }
}
