package org.backdraft.benchmarks;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.backdraft.kernel.Window;
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
 * Convolutions pass by pass, the packing of their filters included. Activations of most cases come
 * from memory, filters stay in cache.
 *
 * <p>{@link #backwardWeights} is all of a first layer's backward pass; {@link #backward} computes
 * the input's gradient too, and so counts twice the operations.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsPrepend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx2g"})
public class ConvolutionBenchmark {
  @Param public ConvolutionCase convolution;

  @Param({"1", "2"})
  public int threads;

  private SingleLayer first;
  private SingleLayer inner;

  /** The layer twice: at the input of a network, where it is its place, and inside. */
  @Setup
  public void setUp() {
    first = convolution.create(threads, true);
    inner = convolution.isFirst() ? first : convolution.create(threads, false);
  }

  @Benchmark
  public void forward(Work work) {
    inner.forward();
    work.flop += inner.flop();
  }

  @Benchmark
  public void backwardWeights(Work work) {
    first.backward();
    work.flop += first.flop();
  }

  @Benchmark
  public void backward(Work work) {
    inner.backward();
    work.flop += (convolution.isFirst() ? 1 : 2) * inner.flop();
  }

  /** Holds an element of the output to its sum in double; gradients must be numbers. */
  @TearDown
  public void tearDown() {
    first.check();
    inner.backward();
    inner.check();
    checkOutput();
    first.close();
    inner.close();
  }

  private void checkOutput() {
    Window window = convolution.layer().window();
    int channels = convolution.input().dim(0);
    double sum = 0;
    double magnitude = 0;
    // Output channel 1, row 2, column 3 of example 0.
    for (int c = 0; c < channels; c++) {
      for (int ky = 0; ky < window.height().kernel(); ky++) {
        for (int kx = 0; kx < window.width().kernel(); kx++) {
          int y = window.height().origin(2) + ky;
          int x = window.width().origin(3) + kx;
          boolean inside =
              y >= 0 && y < convolution.input().dim(1) && x >= 0 && x < convolution.input().dim(2);
          int weight =
              ((channels + c) * window.height().kernel() + ky) * window.width().kernel() + kx;
          double term =
              inside ? (double) inner.input(0, c, y, x) * inner.parameter("weight", weight) : 0;
          sum += term;
          magnitude += Math.abs(term);
        }
      }
    }
    float got = inner.output(0, 1, 2, 3);
    if (!(Math.abs(got - sum) <= 1e-4 * magnitude)) {
      throw new AssertionError(
          String.format(Locale.ROOT, "The output must be about %s: got %s.", sum, got));
    }
  }
}
