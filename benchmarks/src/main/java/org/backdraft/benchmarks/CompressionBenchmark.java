package org.backdraft.benchmarks;

import java.util.concurrent.TimeUnit;
import org.backdraft.comm.compression.Codec;
import org.backdraft.comm.compression.Compression;
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
 * Encoding and decoding of a piece of gradients, by one thread; bytes are those of the gradients,
 * so that a rate compares with that of a network.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsPrepend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx1g"})
public class CompressionBenchmark {
  @Param({"262144"})
  public int length;

  @Param({"fp16", "bf16", "int8", "topk:0.01", "onebit"})
  public String form;

  private Codec codec;
  private float[] gradients;
  private float[] encoded;
  private float[] target;

  /** Gradients in [-1, 1) times powers of two down to 2^-15, as layers have them. */
  @Setup
  public void setUp() {
    codec = Compression.parse("form", form).codec();
    gradients = new float[length];
    for (int i = 0; i < length; i++) {
      int exponent = CounterRandom.bits(1, 1, i) >>> 28;
      gradients[i] = (2 * CounterRandom.uniform(1, 0, i) - 1) / (1 << exponent);
    }
    encoded = new float[codec.encodedLength(length)];
    target = new float[length];
    codec.encode(gradients, 0, length, encoded, 0);
  }

  @Benchmark
  public void encode(Work work) {
    codec.encode(gradients, 0, length, encoded, 0);
    work.bytes += 4L * length;
  }

  @Benchmark
  public void addDecoded(Work work) {
    codec.addDecoded(encoded, 0, target, 0, length, 1);
    work.bytes += 4L * length;
  }

  /** What was decoded must have the size of what was encoded. */
  @TearDown
  public void tearDown() {
    float[] decoded = new float[length];
    codec.addDecoded(encoded, 0, decoded, 0, length, 1);
    double dot = 0;
    double squares = 0;
    for (int i = 0; i < length; i++) {
      dot += (double) decoded[i] * gradients[i];
      squares += (double) decoded[i] * decoded[i];
    }
    if (!(squares > 0) || Math.abs(dot / squares - 1) > 0.01) {
      throw new AssertionError(form + " must decode what it has encoded: " + dot / squares);
    }
  }
}
