package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.backdraft.tensor.ActivationLayout;

/**
 * The SIMD twin of {@link ScalarResizeKernels}, with vectors along channels; padding lanes go along
 * where both layouts have them, else the last channels are left to the scalar twin.
 */
final class SimdResizeKernels implements ResizeKernels {
  private final ScalarResizeKernels scalar = new ScalarResizeKernels();

  @Override
  public void nearest(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase) {
    scalar.nearest(rows, columns, input, x, xBase, output, y, yBase);
  }

  @Override
  public void nearestBackward(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase) {
    Arrays.fill(dx, dxBase, dxBase + input.size(), 0f);
    int lanes = SimdSpecies.channelLanes(input, output);
    for (int oy = 0; oy < output.height(); oy++) {
      for (int ox = 0; ox < output.width(); ox++) {
        int to = dxBase + input.index(0, rows.low(oy), columns.low(ox));
        addPixel(dx, to, dy, dyBase + output.index(0, oy, ox), lanes);
      }
    }
    if (lanes < output.channels()) {
      ScalarResizeKernels.nearestBackward(
          rows, columns, output, dy, dyBase, input, dx, dxBase, lanes);
    }
  }

  private static void addPixel(float[] dx, int to, float[] dy, int from, int lanes) {
    for (int c = 0; c < lanes; c += WIDTH) {
      FloatVector d = FloatVector.fromArray(FLOATS, dy, from + c);
      FloatVector.fromArray(FLOATS, dx, to + c).add(d).intoArray(dx, to + c);
    }
  }

  @Override
  public void linear(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase) {
    int lanes = SimdSpecies.channelLanes(input, output);
    for (int oy = 0; oy < output.height(); oy++) {
      int low = xBase + input.index(0, rows.low(oy), 0);
      int high = xBase + input.index(0, rows.high(oy), 0);
      for (int ox = 0; ox < output.width(); ox++) {
        linearPixel(
            x,
            low + columns.low(ox) * input.pitch(),
            high - low,
            (columns.high(ox) - columns.low(ox)) * input.pitch(),
            rows.fraction(oy),
            columns.fraction(ox),
            y,
            yBase + output.index(0, oy, ox),
            lanes);
      }
    }
    if (lanes < output.channels()) {
      ScalarResizeKernels.linear(rows, columns, input, x, xBase, output, y, yBase, lanes);
    }
  }

  /** One output pixel from four: at xAt, a column further, a row further, and both. */
  private static void linearPixel(
      float[] x, int xAt, int row, int column, float h, float w, float[] y, int yAt, int lanes) {
    FloatVector share = FloatVector.broadcast(FLOATS, w);
    FloatVector rest = FloatVector.broadcast(FLOATS, 1f - w);
    FloatVector lower = FloatVector.broadcast(FLOATS, h);
    FloatVector upper = FloatVector.broadcast(FLOATS, 1f - h);
    for (int c = 0; c < lanes; c += WIDTH) {
      int at = xAt + c;
      FloatVector top = FloatVector.fromArray(FLOATS, x, at).mul(rest);
      top = FloatVector.fromArray(FLOATS, x, at + column).fma(share, top);
      FloatVector bottom = FloatVector.fromArray(FLOATS, x, at + row).mul(rest);
      bottom = FloatVector.fromArray(FLOATS, x, at + row + column).fma(share, bottom);
      bottom.fma(lower, top.mul(upper)).intoArray(y, yAt + c);
    }
  }

  @Override
  public void linearBackward(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase) {
    Arrays.fill(dx, dxBase, dxBase + input.size(), 0f);
    int lanes = SimdSpecies.channelLanes(input, output);
    for (int oy = 0; oy < output.height(); oy++) {
      int low = dxBase + input.index(0, rows.low(oy), 0);
      int high = dxBase + input.index(0, rows.high(oy), 0);
      for (int ox = 0; ox < output.width(); ox++) {
        spreadPixel(
            dx,
            low + columns.low(ox) * input.pitch(),
            high - low,
            (columns.high(ox) - columns.low(ox)) * input.pitch(),
            rows.fraction(oy),
            columns.fraction(ox),
            dy,
            dyBase + output.index(0, oy, ox),
            lanes);
      }
    }
    if (lanes < output.channels()) {
      ScalarResizeKernels.linearBackward(
          rows, columns, output, dy, dyBase, input, dx, dxBase, lanes);
    }
  }

  private static void spreadPixel(
      float[] dx,
      int dxAt,
      int row,
      int column,
      float h,
      float w,
      float[] dy,
      int dyAt,
      int lanes) {
    for (int c = 0; c < lanes; c += WIDTH) {
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyAt + c);
      FloatVector top = d.mul(1f - h);
      FloatVector bottom = d.mul(h);
      // The four pixels may be one and the same: each is written before the next is read.
      addProduct(dx, dxAt + c, top, 1f - w);
      addProduct(dx, dxAt + c + column, top, w);
      addProduct(dx, dxAt + c + row, bottom, 1f - w);
      addProduct(dx, dxAt + c + row + column, bottom, w);
    }
  }

  private static void addProduct(float[] dx, int at, FloatVector d, float factor) {
    FloatVector sum = FloatVector.fromArray(FLOATS, dx, at);
    d.fma(FloatVector.broadcast(FLOATS, factor), sum).intoArray(dx, at);
  }
}
