package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compiled kernels allocate nothing; a vector that C2 must box would show here. */
final class AllocationTest {
  private static final int CALLS_PER_ROUND = 2_000;
  private static final int MOST_ROUNDS = 1_500;

  private static final float[] X = new float[40_000];
  private static final float[] Y = new float[40_000];
  private static final float[] P = new float[40_000];
  private static final short[] WINNER = new short[4_000];
  private static final byte[] BYTES = new byte[1_000];

  static Stream<Arguments> calls() {
    return Stream.of(new ScalarKernels(), new SimdKernels()).flatMap(AllocationTest::calls);
  }

  private static Stream<Arguments> calls(Kernels kernels) {
    RowPattern rows =
        new RowPattern(
            new int[] {0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 70}, new int[] {0, 3, 6}, 5);
    PanelLayout layout = new PanelLayout(3, 5, 40);
    Window window = Window.square(3, 2, 1);
    ActivationLayout input = ActivationLayout.padded(Shape.of(20, 6, 6));
    ActivationLayout output = ActivationLayout.padded(Shape.of(20, 3, 3));
    PointwiseKernels pointwise = kernels.pointwise();
    NormalizationKernels normalization = kernels.normalization();
    UpdateKernels update = kernels.update();
    Stream<Arguments> functions =
        Stream.of(PointwiseFunction.values())
            .flatMap(
                f ->
                    Stream.of(
                        call(kernels, f + "", () -> pointwise.apply(f, 1f, X, 0, Y, 0, 77)),
                        call(
                            kernels,
                            f + " backward",
                            () -> pointwise.applyBackward(f, 1f, X, 0, X, 0, X, 0, Y, 0, 77))));
    Stream<Arguments> others =
        Stream.of(
            call(kernels, "add", () -> pointwise.add(X, 0, X, 1, Y, 0, 77)),
            call(kernels, "dropout", () -> pointwise.dropout(0.5f, 1, 2, 3, X, 0, Y, 0, 77)),
            call(kernels, "long dropout", () -> pointwise.dropout(0.5f, 1, 2, 3, X, 0, Y, 0, 2100)),
            call(kernels, "decode", () -> pointwise.decode(BYTES, 0, 1f, 0f, Y, 0, 77)),
            call(
                kernels,
                "multiply",
                () ->
                    kernels
                        .matrix()
                        .multiply(rows, 0, 11, X, 0, layout, 0, 3, X, 0, null, 0, Y, 0, 48)),
            call(
                kernels,
                "accumulateOuter",
                () ->
                    kernels
                        .matrix()
                        .accumulateOuter(rows, 1, 0, 11, 0, 5, X, 0, X, 0, 48, 1, Y, 0)),
            call(
                kernels,
                "accumulateRows",
                () -> kernels.matrix().accumulateRows(X, 0, 9, 90, 87, Y, 0)),
            call(kernels, "accumulate", () -> kernels.matrix().add(Y, 0, X, 0, 77)),
            call(
                kernels,
                "max",
                () -> kernels.pooling().max(window, input, X, 0, output, Y, 0, WINNER, 0)),
            call(
                kernels,
                "maxBackward",
                () -> kernels.pooling().maxBackward(window, output, X, 0, WINNER, 0, input, Y, 0)),
            call(
                kernels,
                "average",
                () -> kernels.pooling().average(window, input, X, 0, output, Y, 0)),
            call(
                kernels,
                "averageBackward",
                () -> kernels.pooling().averageBackward(window, output, X, 0, input, Y, 0)),
            call(
                kernels,
                "statistics",
                () -> normalization.statistics(X, 0, 300, 40, 0, 37, Y, 0, Y, 40)),
            call(
                kernels,
                "normalize",
                () ->
                    normalization.normalize(
                        X, 0, 9, 40, 0, 37, X, 0, P, 0, 1e-5f, X, 0, X, 0, Y, 0)),
            call(
                kernels,
                "backwardSums",
                () ->
                    normalization.backwardSums(
                        X, 0, X, 5, 300, 40, 0, 37, X, 0, P, 0, 1e-5f, Y, 0, Y, 50)),
            call(
                kernels,
                "normalizeBackward",
                () ->
                    normalization.backward(
                        X, 0, X, 5, 9, 40, 0, 37, X, 0, P, 0, 1e-5f, X, 0, X, 0, X, 0, Y, 0)),
            call(
                kernels,
                "crossEntropy",
                () -> kernels.loss().softmaxCrossEntropy(X, 0, 37, 3, Y, 0)),
            call(kernels, "softmax", () -> kernels.loss().softmax(X, 0, 37, Y, 0)),
            call(kernels, "squaredError", () -> kernels.loss().squaredError(X, 0, X, 9, 37, Y, 0)),
            call(kernels, "sgd", () -> update.sgd(Y, X, 0, 77, 2f, 0f, 0f)),
            call(
                kernels,
                "momentum",
                () -> update.momentum(Y, X, P, 0, 77, 2f, 0f, 0f, 0.9f, false)),
            call(
                kernels, "nesterov", () -> update.momentum(Y, X, P, 0, 77, 2f, 0f, 0f, 0.9f, true)),
            call(
                kernels,
                "adam",
                () -> update.adam(Y, X, P, P, 0, 77, 2f, 0f, 0.9f, 0.999f, 1e-8f, 0.001f, 0.5f)));
    return Stream.concat(functions, others);
  }

  private static Arguments call(Kernels kernels, String name, Runnable call) {
    return Arguments.of(kernels.description() + " " + name, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void warmKernelsAllocateNothing(String name, Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long allocated = Long.MAX_VALUE;
    // Compilation happens beside us: rounds go on until one is clean.
    for (int round = 0; round < MOST_ROUNDS && allocated != 0; round++) {
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < CALLS_PER_ROUND; i++) {
        call.run();
      }
      allocated = threads.getThreadAllocatedBytes(thread) - before;
    }
    assertThat(allocated).as("bytes in %d calls of %s", CALLS_PER_ROUND, name).isZero();
  }
}
