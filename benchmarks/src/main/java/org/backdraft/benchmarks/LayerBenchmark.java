package org.backdraft.benchmarks;

import java.util.concurrent.TimeUnit;
import org.backdraft.kernel.Window;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Layer;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.tensor.Shape;
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
 * Layers that memory bounds, pass by pass. Bytes are those of the fewest streams that the algorithm
 * allows, so that a second reading of the same numbers shows as a lower rate.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsPrepend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx2g"})
public class LayerBenchmark {
  /** What is timed, on the activations of a real network. */
  @SuppressWarnings("ImmutableEnumChecker") // As in ConvolutionCase.
  public enum Case {
    /** ResNet-20's first stage: each leaf stays in L2. */
    BATCH_NORM_16_AT_32(new BatchNorm2d(), Shape.of(16, 32, 32), 128),
    /** ResNet-18's first stage. */
    BATCH_NORM_64_AT_56(new BatchNorm2d(), Shape.of(64, 56, 56), 32),
    /** VGG's first pooling. */
    MAX_POOL_64_AT_224(MaxPool2d.of(2), Shape.of(64, 224, 224), 8),
    /** ResNet's only one. */
    MAX_POOL_64_AT_112_BY_2(new MaxPool2d(Window.square(3, 2, 1)), Shape.of(64, 112, 112), 16),
    /** MobileNetV2's widest but one: a filter for each channel. */
    DEPTHWISE_144_AT_56(depthwise(144), Shape.of(144, 56, 56), 16),
    /** MobileNetV2's last blocks. */
    DEPTHWISE_960_AT_7(depthwise(960), Shape.of(960, 7, 7), 64);

    private final Layer layer;
    private final Shape input;
    private final int examples;

    Case(Layer layer, Shape input, int examples) {
      this.layer = layer;
      this.input = input;
      this.examples = examples;
    }

    private static Conv2d depthwise(int channels) {
      return Conv2d.of(channels, 3).padding(1).groups(channels).withoutBias();
    }
  }

  @Param public Case layer;

  @Param({"1", "2"})
  public int threads;

  private SingleLayer single;

  @Setup
  public void setUp() {
    single =
        new SingleLayer(
            new SingleLayer.Request(layer.layer, layer.input, layer.examples, threads, false));
  }

  /** Reads the input, writes the output. */
  @Benchmark
  public void forward(Work work) {
    single.forward();
    work.bytes += 4 * (single.inputElements() + single.outputElements());
  }

  /** Reads the output's gradient, writes the input's; all but pooling read their input too. */
  @Benchmark
  public void backward(Work work) {
    single.backward();
    long read = layer.layer instanceof MaxPool2d ? 0 : single.inputElements();
    work.bytes += 4 * (single.inputElements() + single.outputElements() + read);
  }

  @TearDown
  public void tearDown() {
    single.backward();
    single.check();
    single.close();
  }
}
