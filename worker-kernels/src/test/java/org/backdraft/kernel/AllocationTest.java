package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compiled kernels allocate nothing; a vector that C2 must box would show here.
 *
 * <p>In the full tier: whether C2 inlines the last call of a kernel depends on all that the JVM ran
 * before, and a kernel that boxes here once in some runs does not in a JVM that trains. What holds
 * in every build is {@code ReplicaTest.aStepAllocatesNothing}.
 */
@Tag("full")
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
        RowPattern.uniform(RowPattern.multiples(11, 7), RowPattern.multiples(3, 3), 5, 48);
    RowPattern runs = RowPattern.uniform(RowPattern.multiples(23, 7), new int[] {0}, 300, 48);
    RowPattern pixels =
        RowPattern.uniform(RowPattern.multiples(11, 48), RowPattern.multiples(13, 48), 48, 48);
    PanelLayout layout = new PanelLayout(3, 5, 40);
    PanelLayout runLayout = new PanelLayout(1, 300, 40);
    Window window = Window.square(3, 2, 1);
    ActivationLayout input = ActivationLayout.padded(Shape.of(20, 6, 6));
    ActivationLayout output = ActivationLayout.padded(Shape.of(20, 3, 3));
    AdaptiveAxis axis = new AdaptiveAxis(6, 3);
    ResizeAxis nearest = ResizeAxis.nearest(3, 6);
    ResizeAxis linear = ResizeAxis.linear(3, 6);
    NormalizedRow row = new NormalizedRow(5, 20);
    LocalResponse response = new LocalResponse(5, 0.1f, 0.75f, 1f);
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
            call(kernels, "product", () -> pointwise.multiply(X, 0, X, 1, Y, 0, 77)),
            call(kernels, "softplus", () -> pointwise.softplus(1f, 20f, X, 0, Y, 0, 77)),
            call(
                kernels,
                "softplusBackward",
                () -> pointwise.softplusBackward(1f, 20f, X, 0, X, 0, Y, 0, 77)),
            call(
                kernels,
                "depthwise",
                () -> kernels.depthwise().convolve(pixels, 0, 11, X, 0, P, 0, P, 0, Y, 0)),
            call(
                kernels,
                "depthwiseWeights",
                () ->
                    kernels
                        .depthwise()
                        .accumulateWeights(pixels, 0, 11, 0, 48, X, 0, P, 0, 48, Y, 0)),
            call(
                kernels,
                "nearest",
                () -> kernels.resize().nearest(nearest, nearest, output, X, 0, input, Y, 0)),
            call(
                kernels,
                "nearestBackward",
                () ->
                    kernels.resize().nearestBackward(nearest, nearest, input, X, 0, output, Y, 0)),
            call(
                kernels,
                "linear",
                () -> kernels.resize().linear(linear, linear, output, X, 0, input, Y, 0)),
            call(
                kernels,
                "linearBackward",
                () -> kernels.resize().linearBackward(linear, linear, input, X, 0, output, Y, 0)),
            call(
                kernels,
                "layerNormStatistics",
                () -> kernels.layerNorm().statistics(row, 3, 1e-5f, X, 0, Y, 0, Y, 40)),
            call(
                kernels,
                "layerNorm",
                () -> kernels.layerNorm().normalize(row, 3, X, 0, X, 0, X, 0, X, 0, X, 0, Y, 0)),
            call(
                kernels,
                "layerNormBackward",
                () -> kernels.layerNorm().backward(row, 3, X, 0, X, 0, X, 0, X, 0, X, 0, Y, 0)),
            call(
                kernels,
                "layerNormGradients",
                () ->
                    kernels
                        .layerNorm()
                        .accumulateGradients(40, 9, X, 0, X, 0, X, 0, X, 0, Y, 0, Y, 16)),
            call(
                kernels,
                "localResponse",
                () -> kernels.localResponse().apply(response, 3, 20, 32, X, 0, Y, 0)),
            call(
                kernels,
                "localResponseBackward",
                () -> kernels.localResponse().applyBackward(response, 3, 20, 32, X, 0, X, 0, Y, 0)),
            call(kernels, "dropout", () -> pointwise.dropout(0.5f, 1, 2, 3, X, 0, Y, 0, 77)),
            call(kernels, "long dropout", () -> pointwise.dropout(0.5f, 1, 2, 3, X, 0, Y, 0, 2100)),
            call(kernels, "decode", () -> pointwise.decode(BYTES, 0, 1f, 0f, Y, 0, 77)),
            call(
                kernels,
                "multiply",
                () ->
                    kernels
                        .matrix()
                        .multiply(rows, 0, 11, X, 0, layout, 0, 3, X, 0, null, 0, Y, 0)),
            call(
                kernels,
                "multiply runs",
                () ->
                    kernels
                        .matrix()
                        .multiply(runs, 0, 23, X, 0, runLayout, 0, 3, X, 0, null, 0, Y, 0)),
            call(
                kernels,
                "accumulateOuter",
                () ->
                    kernels
                        .matrix()
                        .accumulateOuter(
                            rows, 0, 11, 0, 15, X, 0, X, 0, 48, 0, 3, Y, 0, 240, false)),
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
                "adaptiveAverage",
                () -> kernels.pooling().adaptiveAverage(axis, axis, input, X, 0, output, Y, 0)),
            call(
                kernels,
                "adaptiveAverageBackward",
                () ->
                    kernels
                        .pooling()
                        .adaptiveAverageBackward(axis, axis, output, X, 0, input, Y, 0)),
            call(
                kernels, "blockStatistics", () -> normalization.blockStatistics(7, 48, X, 0, Y, 0)),
            call(kernels, "normalize", () -> normalization.normalize(7, 48, X, 0, X, 0, Y, 0)),
            call(
                kernels,
                "blockGradients",
                () -> normalization.blockGradients(7, 48, X, 0, X, 5, X, 0, Y, 0)),
            call(
                kernels,
                "inputGradient",
                () -> normalization.inputGradient(7, 48, X, 0, X, 5, X, 0, Y, 0)),
            call(
                kernels,
                "crossEntropy",
                () -> kernels.loss().softmaxCrossEntropy(X, 0, 37, 3, 1f, Y, 0)),
            call(
                kernels,
                "softCrossEntropy",
                () -> kernels.loss().softCrossEntropy(X, 0, X, 9, 37, Y, 0)),
            call(kernels, "l1", () -> kernels.loss().absoluteError(X, 0, X, 9, 37, Y, 0)),
            call(kernels, "huber", () -> kernels.loss().huber(X, 0, X, 9, 37, 1f, Y, 0)),
            call(
                kernels,
                "binaryCrossEntropy",
                () -> kernels.loss().binaryCrossEntropy(X, 0, X, 9, 37, Y, 0)),
            call(kernels, "multiMargin", () -> kernels.loss().multiMargin(X, 0, 37, 3, 1f, Y, 0)),
            call(kernels, "softmax", () -> kernels.loss().softmax(X, 0, 37, Y, 0)),
            call(kernels, "squaredError", () -> kernels.loss().squaredError(X, 0, X, 9, 37, Y, 0)),
            call(kernels, "sgd", () -> update.sgd(Y, X, 0, 77, 2f, 0f, 0f)),
            call(
                kernels,
                "momentum",
                () -> update.momentum(Y, X, P, 0, 77, 0, 2f, 0f, 0f, 0.9f, false)),
            call(
                kernels,
                "nesterov",
                () -> update.momentum(Y, X, P, 0, 77, 0, 2f, 0f, 0f, 0.9f, true)),
            call(
                kernels,
                "adam",
                () ->
                    update.adam(
                        Y, X, P, P, 0, 77, 0, 2f, 0f, 1f, 0.9f, 0.999f, 1e-8f, 0.001f, 0.5f)),
            call(
                kernels,
                "rmsProp",
                () -> update.rmsProp(Y, X, P, null, null, 0, 77, 0, 2f, 0f, 0f, 0.9f, 1e-8f, 0f)),
            call(
                kernels,
                "rmsProp with momentum",
                () -> update.rmsProp(Y, X, P, null, P, 0, 77, 0, 2f, 0f, 0f, 0.9f, 1e-8f, 0.9f)),
            call(
                kernels,
                "centered rmsProp",
                () -> update.rmsProp(Y, X, P, P, null, 0, 77, 0, 2f, 0f, 0f, 0.9f, 1e-8f, 0f)),
            call(
                kernels,
                "centered rmsProp with momentum",
                () -> update.rmsProp(Y, X, P, P, P, 0, 77, 0, 2f, 0f, 0f, 0.9f, 1e-8f, 0.9f)),
            call(kernels, "adagrad", () -> update.adagrad(Y, X, P, 0, 77, 0, 2f, 0f, 0f, 1e-8f)),
            call(
                kernels,
                "rprop",
                () -> update.rprop(Y, X, P, P, 0, 77, 0, 2f, 0.5f, 1.2f, 1e-6f, 50f)),
            call(kernels, "lars", () -> update.lars(Y, X, P, 0, 77, 0, 2f, 0f, 0f, 0.9f)),
            call(
                kernels,
                "lambMoments",
                () ->
                    update.lambMoments(
                        Y, X, P, P, 0, 77, 0, 2f, 0f, 0.9f, 0.999f, 1e-6f, 0.5f, 0.5f)),
            call(
                kernels,
                "lambStep",
                () -> update.lambStep(Y, X, P, 0, 77, 0, 0f, 1e-6f, 0.5f, 0.5f, 0f)),
            call(kernels, "sumOfSquares", () -> update.sumOfSquares(X, 0, 77)),
            call(kernels, "isFinite", () -> update.isFinite(X, 0, 77)),
            call(kernels, "clamp", () -> update.clamp(Y, 0, 77, 1f)));
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
