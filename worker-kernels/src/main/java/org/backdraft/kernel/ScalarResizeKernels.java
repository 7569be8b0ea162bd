package org.backdraft.kernel;

import java.util.Arrays;
import org.backdraft.tensor.ActivationLayout;

/**
 * The readable truth of {@link ResizeKernels}. The static methods work on the channels from {@code
 * channelBegin} on, which is what the SIMD twin leaves over.
 */
final class ScalarResizeKernels implements ResizeKernels {
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
    for (int oy = 0; oy < output.height(); oy++) {
      for (int ox = 0; ox < output.width(); ox++) {
        int from = xBase + input.index(0, rows.low(oy), columns.low(ox));
        System.arraycopy(x, from, y, yBase + output.index(0, oy, ox), output.channels());
      }
    }
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
    nearestBackward(rows, columns, output, dy, dyBase, input, dx, dxBase, 0);
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
    linear(rows, columns, input, x, xBase, output, y, yBase, 0);
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
    linearBackward(rows, columns, output, dy, dyBase, input, dx, dxBase, 0);
  }

  static void nearestBackward(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase,
      int channelBegin) {
    for (int oy = 0; oy < output.height(); oy++) {
      for (int ox = 0; ox < output.width(); ox++) {
        int to = dxBase + input.index(0, rows.low(oy), columns.low(ox));
        for (int c = channelBegin; c < output.channels(); c++) {
          dx[to + c] += dy[dyBase + output.index(c, oy, ox)];
        }
      }
    }
  }

  static void linear(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase,
      int channelBegin) {
    for (int oy = 0; oy < output.height(); oy++) {
      float h = rows.fraction(oy);
      for (int ox = 0; ox < output.width(); ox++) {
        float w = columns.fraction(ox);
        for (int c = channelBegin; c < output.channels(); c++) {
          float lowLow = x[xBase + input.index(c, rows.low(oy), columns.low(ox))];
          float lowHigh = x[xBase + input.index(c, rows.low(oy), columns.high(ox))];
          float highLow = x[xBase + input.index(c, rows.high(oy), columns.low(ox))];
          float highHigh = x[xBase + input.index(c, rows.high(oy), columns.high(ox))];
          float top = Math.fma(w, lowHigh, (1f - w) * lowLow);
          float bottom = Math.fma(w, highHigh, (1f - w) * highLow);
          y[yBase + output.index(c, oy, ox)] = Math.fma(h, bottom, (1f - h) * top);
        }
      }
    }
  }

  static void linearBackward(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase,
      int channelBegin) {
    for (int oy = 0; oy < output.height(); oy++) {
      float h = rows.fraction(oy);
      for (int ox = 0; ox < output.width(); ox++) {
        float w = columns.fraction(ox);
        for (int c = channelBegin; c < output.channels(); c++) {
          float d = dy[dyBase + output.index(c, oy, ox)];
          float top = (1f - h) * d;
          float bottom = h * d;
          int lowLow = dxBase + input.index(c, rows.low(oy), columns.low(ox));
          dx[lowLow] = Math.fma(1f - w, top, dx[lowLow]);
          int lowHigh = dxBase + input.index(c, rows.low(oy), columns.high(ox));
          dx[lowHigh] = Math.fma(w, top, dx[lowHigh]);
          int highLow = dxBase + input.index(c, rows.high(oy), columns.low(ox));
          dx[highLow] = Math.fma(1f - w, bottom, dx[highLow]);
          int highHigh = dxBase + input.index(c, rows.high(oy), columns.high(ox));
          dx[highHigh] = Math.fma(w, bottom, dx[highHigh]);
        }
      }
    }
  }
}
