package org.backdraft.image;

import java.util.Arrays;

/**
 * Where each pixel of a result comes from: an affine map and, if any, a displacement of each pixel;
 * all geometric steps together make one resampling.
 *
 * <p>With {@code u = x − (width − 1)/2}, {@code v = y − (height − 1)/2} pixel (y, x) of the result
 * is the source's at {@code (a·u + b·v + originX + dx, c·u + d·v + originY + dy)}, interpolated
 * linearly between four pixels; a mask takes the nearest pixel. A map onto whole pixels copies
 * them.
 *
 * <p>Used by one thread; allocates nothing after the first picture of a size.
 */
final class Warp {
  private static final int NODES = 3;

  private final int height;
  private final int width;
  private float a;
  private float b;
  private float c;
  private float d;
  private float originX;
  private float originY;
  private boolean isBent;
  private float[] dx = {};
  private float[] dy = {};
  private int[] words = {};
  private float[] rough = {};
  private float[] halfSmooth = {};
  private final float[] gridX;
  private final float[] gridY;
  private final float[] nodes = new float[2 * NODES * NODES];
  private final float[] rowNodes = new float[2 * NODES];

  /** For results of that size. */
  Warp(int height, int width) {
    this.height = height;
    this.width = width;
    gridX = gridWeights(width);
    gridY = gridWeights(height);
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  /** The middle of a source of that size, moved by no step. */
  void reset(int sourceHeight, int sourceWidth) {
    a = 1;
    b = 0;
    c = 0;
    d = 1;
    corner(Math.floorDiv(sourceHeight - height, 2), Math.floorDiv(sourceWidth - width, 2));
    isBent = false;
  }

  /** Lets the result's first pixel be the source's at (y, x), as long as nothing else moves it. */
  void corner(int y, int x) {
    originX = x + 0.5f * (width - 1);
    originY = y + 0.5f * (height - 1);
  }

  /** Moves the place where pixels are taken. */
  void move(float x, float y) {
    originX += x;
    originY += y;
  }

  /** Multiplies the map by the matrix (e f; g h), in coordinates (x, y). */
  void multiply(float e, float f, float g, float h) {
    float newA = e * a + f * c;
    float newB = e * b + f * d;
    c = g * a + h * c;
    d = g * b + h * d;
    a = newA;
    b = newB;
  }

  private void bend() {
    int pixels = height * width;
    if (dx.length == 0) {
      dx = new float[pixels];
      dy = new float[pixels];
    }
    if (!isBent) {
      Arrays.fill(dx, 0);
      Arrays.fill(dy, 0);
      isBent = true;
    }
  }

  /**
   * Displaces pixels by vectors drawn at the nodes of a 3×3 grid over the picture, between which
   * Keys' cubic convolution (1981) with a = −1/2 interpolates; nodes repeat beyond the border.
   *
   * @param deviation of each coordinate of a vector, in pixels
   */
  void bendByGrid(float deviation, Dice dice) {
    bend();
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = deviation * dice.normal();
    }
    for (int y = 0; y < height; y++) {
      for (int i = 0; i < rowNodes.length; i++) {
        float sum = 0;
        for (int j = 0; j < NODES; j++) {
          sum += gridY[y * NODES + j] * nodes[j * 2 * NODES + i];
        }
        rowNodes[i] = sum;
      }
      for (int x = 0; x < width; x++) {
        float sumX = 0;
        float sumY = 0;
        for (int i = 0; i < NODES; i++) {
          float weight = gridX[x * NODES + i];
          sumX += weight * rowNodes[i];
          sumY += weight * rowNodes[NODES + i];
        }
        dx[y * width + x] += sumX;
        dy[y * width + x] += sumY;
      }
    }
  }

  /** For each place the weights of the three nodes. */
  private static float[] gridWeights(int size) {
    float[] weights = new float[size * NODES];
    for (int at = 0; at < size; at++) {
      double place = size == 1 ? 0 : (NODES - 1.0) * at / (size - 1);
      int cell = Math.min((int) place, NODES - 2);
      for (int tap = cell - 1; tap <= cell + 2; tap++) {
        int node = Math.max(0, Math.min(NODES - 1, tap));
        weights[at * NODES + node] += (float) cubic(Math.abs(place - tap));
      }
    }
    return weights;
  }

  private static double cubic(double distance) {
    double t = distance;
    if (t <= 1) {
      return (1.5 * t - 2.5) * t * t + 1;
    }
    return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
  }

  /**
   * Displaces pixels by noise that is smooth: uniform in [−1, 1) for each pixel, then convolved
   * with a Gaussian (nothing lies outside of the picture), times {@code alpha}.
   *
   * @param kernel the Gaussian from its middle outwards; its two-sided sum is 1
   */
  void bendByNoise(float alpha, float[] kernel, Dice dice) {
    bend();
    if (rough.length == 0) {
      rough = new float[height * width];
      halfSmooth = new float[height * width];
      words = new int[height * width];
    }
    addNoise(alpha, kernel, dice, dx);
    addNoise(alpha, kernel, dice, dy);
  }

  private void addNoise(float alpha, float[] kernel, Dice dice, float[] to) {
    int pixels = height * width;
    dice.fill(words, pixels);
    for (int i = 0; i < pixels; i++) {
      rough[i] = (words[i] >> 7) * 0x1p-24f; // 25 bits and their sign: [−1, 1)
    }
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = y * width + x;
        float sum = kernel[0] * rough[at];
        for (int k = 1; k < kernel.length; k++) {
          float left = x >= k ? rough[at - k] : 0;
          float right = x + k < width ? rough[at + k] : 0;
          sum += kernel[k] * (left + right);
        }
        halfSmooth[at] = sum;
      }
    }
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = y * width + x;
        float sum = kernel[0] * halfSmooth[at];
        for (int k = 1; k < kernel.length; k++) {
          float above = y >= k ? halfSmooth[at - k * width] : 0;
          float below = y + k < height ? halfSmooth[at + k * width] : 0;
          sum += kernel[k] * (above + below);
        }
        to[at] += alpha * sum;
      }
    }
  }

  /** Writes the result; {@code target} must be another canvas. */
  void resample(Canvas source, Border border, Canvas target) {
    target.reset(height, width);
    for (int y = 0; y < height; y++) {
      float v = y - 0.5f * (height - 1);
      for (int x = 0; x < width; x++) {
        float u = x - 0.5f * (width - 1);
        float sourceX = a * u + b * v + originX;
        float sourceY = c * u + d * v + originY;
        int at = y * width + x;
        if (isBent) {
          sourceX += dx[at];
          sourceY += dy[at];
        }
        sample(source, border, sourceY, sourceX, target, at);
      }
    }
  }

  private static void sample(
      Canvas source, Border border, float sourceY, float sourceX, Canvas target, int at) {
    int left = floor(sourceX);
    int top = floor(sourceY);
    float right = sourceX - left;
    float bottom = sourceY - top;
    int columns = source.width();
    int rows = source.height();
    int x0 = border.place(left, columns);
    int x1 = border.place(left + 1, columns);
    int y0 = border.place(top, rows);
    int y1 = border.place(top + 1, rows);
    float w00 = (1 - bottom) * (1 - right);
    float w01 = (1 - bottom) * right;
    float w10 = bottom * (1 - right);
    float w11 = bottom * right;
    boolean isInside = (x0 | x1 | y0 | y1) >= 0;
    float[] values = source.values();
    for (int channel = 0; channel < source.channels(); channel++) {
      int plane = channel * source.pixels();
      float value;
      if (isInside) {
        int row0 = plane + y0 * columns;
        int row1 = plane + y1 * columns;
        value =
            (w00 * values[row0 + x0] + w01 * values[row0 + x1])
                + (w10 * values[row1 + x0] + w11 * values[row1 + x1]);
      } else {
        value =
            (w00 * at(values, plane, columns, y0, x0) + w01 * at(values, plane, columns, y0, x1))
                + (w10 * at(values, plane, columns, y1, x0)
                    + w11 * at(values, plane, columns, y1, x1));
      }
      target.values()[channel * target.pixels() + at] = value;
    }
    if (source.hasMask()) {
      int y = bottom < 0.5f ? y0 : y1;
      int x = right < 0.5f ? x0 : x1;
      target.mask()[at] = (x | y) < 0 ? 0 : source.mask()[y * columns + x];
    }
  }

  private static float at(float[] values, int plane, int columns, int y, int x) {
    return (x | y) < 0 ? 0 : values[plane + y * columns + x];
  }

  private static int floor(float value) {
    int whole = (int) value;
    return value < whole ? whole - 1 : whole;
  }
}
