package org.backdraft.kernel;

import java.util.zip.CRC32C;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;

/**
 * One number for the results of all kernels on fixed inputs: it must be the same for every JVM,
 * processor and vector width. As a program it prints the digest of the kernels that {@link
 * KernelLookup} chooses.
 */
final class KernelDigest {
  /** What every JVM must find. */
  static final String EXPECTED = "2819661a";

  private final Kernels kernels;
  private final float[] x = values(1, 20_000);
  private final float[] z = values(2, 20_000);
  private final float[] positive = new float[20_000];
  private final float[] out = new float[30_000];
  private final short[] winner = new short[10_000];
  private final byte[] bytes = new byte[2_000];
  private final CRC32C crc = new CRC32C();

  KernelDigest(Kernels kernels) {
    this.kernels = kernels;
    for (int i = 0; i < positive.length; i++) {
      positive[i] = Math.abs(x[i]);
    }
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) CounterRandom.bits(3, 3, i);
    }
  }

  /** Prints the digest twice computed: by code that has just started, and by code that is warm. */
  public static void main(String[] arguments) {
    KernelLookup.Choice choice = KernelLookup.choose();
    KernelDigest digest = new KernelDigest(choice.kernels());
    String cold = digest.compute();
    String warm = cold;
    for (int i = 0; i < Integer.getInteger("rounds", 200); i++) {
      warm = digest.compute();
    }
    System.out.println("digest " + cold + " " + warm + " " + choice.explanation());
  }

  /** All kernels once over, several sizes each. */
  String compute() {
    crc.reset();
    pointwise();
    matrix();
    depthwise();
    pooling();
    resize();
    normalization();
    layerNorm();
    localResponse();
    loss();
    update();
    return String.format(java.util.Locale.ROOT, "%08x", crc.getValue());
  }

  private void pointwise() {
    PointwiseKernels pointwise = kernels.pointwise();
    for (PointwiseFunction function : PointwiseFunction.values()) {
      for (int length : new int[] {5, 64, 1003}) {
        pointwise.apply(function, 0.7f, x, 3, out, 1, length);
        pointwise.applyBackward(function, 0.7f, x, 3, out, 1, z, 9, out, 2_000, length);
        take(out, 1, length);
        take(out, 2_000, length);
      }
    }
    pointwise.add(x, 5, z, 6, out, 0, 1001);
    pointwise.dropout(0.3f, 11, 12, 13, x, 0, out, 1001, 500);
    pointwise.decode(bytes, 7, 1 / 255f, -0.1f, out, 1501, 1111);
    take(out, 0, 2612);
    for (int length : new int[] {5, 1003}) {
      pointwise.multiply(x, 5, z, 6, out, 0, length);
      pointwise.softplus(0.7f, 2f, x, 3, out, 2_000, length);
      pointwise.softplusBackward(0.7f, 2f, x, 3, z, 9, out, 4_000, length);
      take(out, 0, length);
      take(out, 2_000, length);
      take(out, 4_000, length);
    }
  }

  private void matrix() {
    MatrixKernels matrix = kernels.matrix();
    int[][] shapes = {{37, 1, 70, 50}, {19, 9, 5, 10}, {8, 2, 33, 16}, {100, 25, 1, 6}};
    for (int[] s : shapes) {
      PanelLayout layout = new PanelLayout(s[1], s[2], s[3]);
      int pitch = layout.panels() * Kernels.LANES;
      RowPattern pattern =
          RowPattern.uniform(
              RowPattern.multiples(s[0], 11), RowPattern.multiples(s[1], 5), s[2], pitch);
      matrix.multiply(pattern, 0, s[0], x, 3, layout, 0, layout.panels(), z, 5, null, 0, out, 0);
      take(out, 0, s[0] * pitch);
      matrix.multiply(pattern, 1, s[0], x, 3, layout, 0, layout.panels(), z, 5, x, 50, out, 0);
      take(out, pitch, (s[0] - 1) * pitch);
      int terms = s[1] * s[2];
      int size = layout.panels() * terms * Kernels.LANES;
      System.arraycopy(z, 0, out, 0, size);
      matrix.accumulateOuter(
          pattern,
          0,
          s[0],
          0,
          terms,
          x,
          1,
          z,
          2,
          pitch,
          0,
          layout.panels(),
          out,
          0,
          terms * Kernels.LANES,
          false);
      take(out, 0, size);
      matrix.accumulateRows(x, 1, s[0], s[3] + 2, s[3], out, 0);
      matrix.add(out, 0, z, 7, s[3]);
      take(out, 0, s[3]);
    }
  }

  private void depthwise() {
    DepthwiseKernels depthwise = kernels.depthwise();
    int rows = 21;
    for (int taps : new int[] {1, 9, 13, 70}) {
      for (int depth : new int[] {16, 48}) {
        int[] offsets = new int[taps * rows];
        for (int i = 0; i < offsets.length; i++) {
          offsets[i] = i % 7 == 3 ? RowPattern.ZERO : i * 5 % 1000;
        }
        RowPattern pattern =
            new RowPattern(taps, depth, offsets, RowPattern.multiples(rows, depth));
        depthwise.convolve(pattern, 1, rows, x, 3, z, 5, x, 7, out, 0);
        take(out, depth, (rows - 1) * depth);
        depthwise.accumulateWeights(pattern, 0, rows, 0, depth, x, 3, z, 5, depth, out, 0);
        take(out, 0, taps * depth);
      }
    }
  }

  private void pooling() {
    PoolingKernels pooling = kernels.pooling();
    Window[] windows = {Window.square(2, 2, 0), Window.square(3, 2, 1)};
    for (Window window : windows) {
      for (int channels : new int[] {3, 6, 16, 40}) {
        Shape shape = Shape.of(channels, 9, 8);
        ActivationLayout input = ActivationLayout.padded(shape);
        ActivationLayout output =
            ActivationLayout.padded(
                Shape.of(channels, window.height().outputs(9), window.width().outputs(8)));
        pooling.max(window, input, x, 3, output, out, 0, winner, 0);
        takeLogical(output, out, 0);
        for (int i = 0; i < output.size(); i++) {
          if (i % output.pitch() < channels) {
            take(winner[i]);
          }
        }
        pooling.maxBackward(window, output, z, 5, winner, 0, input, out, 0);
        takeLogical(input, out, 0);
        pooling.average(window, input, x, 3, output, out, 0);
        takeLogical(output, out, 0);
        pooling.averageBackward(window, output, z, 5, input, out, 0);
        takeLogical(input, out, 0);
      }
    }
    ceilAndAdaptivePooling(pooling);
  }

  private void ceilAndAdaptivePooling(PoolingKernels pooling) {
    Window window = Window.square(3, 2, 0);
    AdaptiveAxis rows = new AdaptiveAxis(8, window.height().ceilOutputs(8));
    AdaptiveAxis columns = new AdaptiveAxis(6, window.width().ceilOutputs(6));
    for (int channels : new int[] {3, 40}) {
      ActivationLayout input = ActivationLayout.padded(Shape.of(channels, 8, 6));
      Shape pooled =
          Shape.of(channels, window.height().ceilOutputs(8), window.width().ceilOutputs(6));
      ActivationLayout output = ActivationLayout.padded(pooled);
      pooling.average(window, input, x, 3, output, out, 0);
      takeLogical(output, out, 0);
      pooling.averageBackward(window, output, z, 5, input, out, 0);
      takeLogical(input, out, 0);
      pooling.adaptiveAverage(rows, columns, input, x, 3, output, out, 0);
      takeLogical(output, out, 0);
      pooling.adaptiveAverageBackward(rows, columns, output, z, 5, input, out, 0);
      takeLogical(input, out, 0);
    }
  }

  private void resize() {
    ResizeKernels resize = kernels.resize();
    ResizeAxis nearestRows = ResizeAxis.nearest(5, 7);
    ResizeAxis nearestColumns = ResizeAxis.nearest(3, 9);
    ResizeAxis rows = ResizeAxis.linear(5, 7);
    ResizeAxis columns = ResizeAxis.linear(3, 9);
    for (int channels : new int[] {3, 40}) {
      ActivationLayout small = ActivationLayout.padded(Shape.of(channels, 5, 3));
      ActivationLayout large = ActivationLayout.padded(Shape.of(channels, 7, 9));
      resize.nearest(nearestRows, nearestColumns, small, x, 3, large, out, 0);
      takeLogical(large, out, 0);
      resize.nearestBackward(nearestRows, nearestColumns, large, z, 5, small, out, 0);
      takeLogical(small, out, 0);
      resize.linear(rows, columns, small, x, 3, large, out, 0);
      takeLogical(large, out, 0);
      resize.linearBackward(rows, columns, large, z, 5, small, out, 0);
      takeLogical(small, out, 0);
    }
  }

  private void normalization() {
    NormalizationKernels normalization = kernels.normalization();
    int rows = 100;
    for (int lanes : new int[] {16, 48}) {
      normalization.blockStatistics(rows, lanes, x, 1, out, 0);
      take(out, 0, 2 * lanes);
      normalization.normalize(rows, lanes, x, 1, z, 3, out, 0);
      take(out, 0, rows * lanes);
      normalization.blockGradients(rows, lanes, x, 1, z, 2, z, 3, out, 0);
      take(out, 0, 2 * lanes);
      normalization.inputGradient(rows, lanes, x, 1, z, 2, z, 3, out, 0);
      take(out, 0, rows * lanes);
    }
  }

  private void layerNorm() {
    LayerNormKernels layerNorm = kernels.layerNorm();
    NormalizedRow[] shapes = {
      new NormalizedRow(1, 3), new NormalizedRow(1, 700), new NormalizedRow(49, 20)
    };
    for (NormalizedRow row : shapes) {
      int rows = 3;
      int dx = 4_000;
      int other = 8_000;
      layerNorm.statistics(row, rows, 1e-5f, x, 1, out, other, out, other + 10);
      layerNorm.normalize(row, rows, x, 1, out, other, out, other + 10, z, 3, z, 70, out, 0);
      layerNorm.backward(row, rows, x, 1, z, 2, out, other, out, other + 10, z, 3, out, dx);
      System.arraycopy(z, 0, out, other + 20, 32);
      layerNorm.accumulateGradients(
          row.length(),
          rows,
          x,
          1,
          z,
          2,
          out,
          other,
          out,
          other + 10,
          out,
          other + 20,
          out,
          other + 36);
      take(out, other, 3);
      take(out, other + 10, 3);
      take(out, other + 20, 32);
      for (int pixel = 0; pixel < rows * row.pixels(); pixel++) {
        take(out, pixel * row.pitch(), row.channels());
        take(out, dx + pixel * row.pitch(), row.channels());
      }
    }
  }

  private void localResponse() {
    LocalResponseKernels localResponse = kernels.localResponse();
    for (int channels : new int[] {3, 16, 37}) {
      LocalResponse settings = new LocalResponse(channels == 16 ? 4 : 5, 0.3f, 0.75f, 1.5f);
      localResponse.apply(settings, 7, channels, 48, x, 1, out, 0);
      localResponse.applyBackward(settings, 7, channels, 48, x, 1, z, 2, out, 1_000);
      for (int pixel = 0; pixel < 7; pixel++) {
        take(out, pixel * 48, channels);
        take(out, 1_000 + pixel * 48, channels);
      }
    }
  }

  private void loss() {
    LossKernels loss = kernels.loss();
    for (int classes : new int[] {2, 10, 16, 100, 1000}) {
      take(loss.softmaxCrossEntropy(x, 3, classes, classes / 2, 1f, out, 0));
      take(out, 0, classes);
      loss.softmax(x, 5, classes, out, 0);
      take(out, 0, classes);
      take(loss.squaredError(x, 3, z, 4, classes, out, 0));
      take(out, 0, classes);
      take(loss.softmaxCrossEntropy(x, 3, classes, classes / 2, 0.7f, out, 0));
      take(out, 0, classes);
      take(loss.softCrossEntropy(x, 3, positive, 4, classes, out, 0));
      take(out, 0, classes);
      take(loss.absoluteError(x, 3, z, 4, classes, out, 0));
      take(out, 0, classes);
      take(loss.huber(x, 3, z, 4, classes, 0.7f, out, 0));
      take(out, 0, classes);
      take(loss.binaryCrossEntropy(x, 3, positive, 4, classes, out, 0));
      take(out, 0, classes);
      take(loss.multiMargin(x, 3, classes, classes / 2, 1f, out, 0));
      take(out, 0, classes);
    }
  }

  private void update() {
    UpdateKernels update = kernels.update();
    for (int length : new int[] {3, 133}) {
      System.arraycopy(x, 0, out, 0, length);
      System.arraycopy(positive, 0, out, 500, length);
      update.sgd(out, z, 0, length, 3f, 0.01f, 0.1f);
      take(out, 0, length);
      float[] v = x.clone();
      update.momentum(out, z, v, 0, length, 0, 3f, 0.01f, 0.1f, 0.9f, true);
      update.momentum(out, z, v, 0, length, 0, 3f, 0.01f, 0.1f, 0.9f, false);
      float[] s = positive.clone();
      update.adam(out, z, v, s, 0, length, 0, 3f, 0.01f, 1f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.3f);
      take(out, 0, length);
      take(v, 0, length);
      take(s, 0, length);
      moreUpdates(update, length);
    }
  }

  private void moreUpdates(UpdateKernels update, int length) {
    float[] v = x.clone();
    float[] s = positive.clone();
    float[] size = positive.clone();
    update.rmsProp(out, z, s, null, null, 0, length, 0, 3f, 0.01f, 0.1f, 0.9f, 1e-8f, 0f);
    update.rmsProp(out, z, s, size, v, 0, length, 0, 3f, 0.01f, 0.1f, 0.9f, 1e-2f, 0.5f);
    update.adagrad(out, z, s, 0, length, 0, 3f, 0.01f, 0.1f, 1e-10f);
    update.rprop(out, z, v, size, 0, length, 0, 3f, 0.5f, 1.2f, 1e-6f, 50f);
    update.lars(out, z, v, 0, length, 0, 3f, 0.01f, 0.1f, 0.9f);
    take(
        (float)
            update.lambMoments(
                out, z, v, s, 0, length, 0, 3f, 0.01f, 0.9f, 0.999f, 1e-6f, 0.1f, 0.03f));
    update.lambStep(out, v, s, 0, length, 0, 0.01f, 1e-6f, 0.1f, 0.03f, 0.1f);
    update.clamp(v, 0, length, 1.5f);
    take((float) update.sumOfSquares(x, 3, 3 + length));
    take(out, 0, length);
    take(v, 0, length);
    take(s, 0, length);
    take(size, 0, length);
  }

  private void takeLogical(ActivationLayout layout, float[] values, int base) {
    for (int pixel = 0; pixel < layout.pixels(); pixel++) {
      take(values, base + pixel * layout.pitch(), layout.channels());
    }
  }

  private void take(float[] values, int base, int length) {
    for (int i = 0; i < length; i++) {
      take(values[base + i]);
    }
  }

  private void take(float value) {
    int bits = Float.floatToIntBits(value);
    crc.update(bits);
    crc.update(bits >>> 8);
    crc.update(bits >>> 16);
    crc.update(bits >>> 24);
  }

  /** Values in [-4, 4). */
  private static float[] values(long stream, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = CounterRandom.uniform(20, stream, i) * 8 - 4;
    }
    return values;
  }
}
