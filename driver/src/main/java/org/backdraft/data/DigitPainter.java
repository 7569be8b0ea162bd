package org.backdraft.data;

import java.util.Arrays;
import org.backdraft.random.CounterRandom;

/**
 * Paints one handwritten-like digit after the other: a way to write it, bent and placed at random,
 * drawn with a pen of random width by distance to the stroke, with anti-aliased edges and noise.
 *
 * <p>A picture is a function of (key, id) alone, in double arithmetic with {@code StrictMath}, so
 * it has the same bytes everywhere. Used by one thread.
 */
final class DigitPainter {
  /** Pixels of a side. */
  static final int SIDE = 28;

  /** Pixels of a picture. */
  static final int PIXELS = SIDE * SIDE;

  /** Pixels of the side of the square that an unbent digit fills, as in MNIST. */
  private static final double BOX = 20;

  private static final double FAR = 1e9;
  private static final int MOST_POINTS = 96;

  /** The largest part of a stroke's points that is missing at either end. */
  private static final double MOST_CUT = 0.09;

  /** Where the numbers for noise begin in the picture's row of random numbers. */
  /** All digits. */
  static final int[] ALL = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

  private static final int NOISE_INDEX = 64;

  private final DigitStrokes strokes = new DigitStrokes();
  private final double[] nearest = new double[PIXELS];
  private final double[] pixels = new double[MOST_POINTS * 2];
  private final long key;
  private final int[] digits;

  // The picture's own numbers, drawn anew by paint().
  private long id;
  private int drawn;
  private double xx;
  private double xy;
  private double yx;
  private double yy;
  private double centerX;
  private double centerY;
  private double bendX;
  private double bendY;
  private double bow;
  private double lean;
  private double radius;
  private double taper;

  /**
   * @param key of the seed and the split
   * @param digits that are painted, equally often
   */
  DigitPainter(long key, int[] digits) {
    this.key = key;
    this.digits = digits.clone();
  }

  /**
   * Writes picture {@code id} to {@code target[base, base + PIXELS)} and returns its digit's place
   * among those painted.
   */
  int paint(long id, byte[] target, int base) {
    this.id = id;
    drawn = 0;
    int label = below(digits.length);
    int digit = digits[label];
    double[][] shape = strokes.of(digit, below(strokes.variants(digit)));
    place();
    Arrays.fill(nearest, FAR);
    for (double[] stroke : shape) {
      draw(stroke);
    }
    ink(target, base);
    return label;
  }

  /** Draws size, slant, rotation, place, bends and the pen. */
  private void place() {
    double angle = StrictMath.toRadians(between(-18, 18));
    double slant = between(-0.3, 0.3);
    double sizeX = BOX * between(0.68, 1.08);
    double sizeY = BOX * between(0.8, 1.08);
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    // Scale, then slant (x moves with −y), then rotate.
    xx = cos * sizeX;
    xy = -cos * slant * sizeY - sin * sizeY;
    yx = sin * sizeX;
    yy = -sin * slant * sizeY + cos * sizeY;
    centerX = SIDE / 2.0 + between(-2.4, 2.4);
    centerY = SIDE / 2.0 + between(-2.4, 2.4);
    bendX = between(-0.46, 0.46);
    bendY = between(-0.46, 0.46);
    bow = between(-0.36, 0.36);
    lean = between(-0.33, 0.33);
    radius = between(0.75, 1.8);
    taper = between(-0.35, 0.35);
  }

  /** Lowers the distances of the pixels around one stroke. */
  private void draw(double[] stroke) {
    int points = stroke.length / 2;
    // Each stroke of a hand goes a little astray on its own, wavers, begins late and ends early.
    double offX = between(-0.05, 0.05);
    double offY = between(-0.05, 0.05);
    double wave = between(0, 0.06);
    double waves = between(2, 9);
    double phase = between(0, 6.28);
    int begin = (int) (between(0, MOST_CUT) * points);
    int end = points - (int) (between(0, MOST_CUT) * points);
    for (int i = begin; i < end; i++) {
      double turn = phase + waves * i / points;
      double u = stroke[2 * i] + offX + wave * StrictMath.cos(turn) - 0.5;
      double v = stroke[2 * i + 1] + offY + wave * StrictMath.sin(turn) - 0.5;
      double bentU = u + bendX * u * v + bow * (v * v - 0.08) + 0.25 * lean * v * (1 - 4 * v * v);
      double bentV = v + bendY * u * v + lean * (u * u - 0.04);
      pixels[2 * i] = centerX + xx * bentU + xy * bentV;
      pixels[2 * i + 1] = centerY + yx * bentU + yy * bentV;
    }
    for (int i = begin; i + 1 < end; i++) {
      double along = (i + 0.5) / (points - 1) - 0.5;
      segment(
          pixels[2 * i],
          pixels[2 * i + 1],
          pixels[2 * i + 2],
          pixels[2 * i + 3],
          1 / (radius * (1 + taper * along)));
    }
  }

  /** Lowers the distances of the pixels around one segment, in units of the pen's radius. */
  private void segment(double x0, double y0, double x1, double y1, double perRadius) {
    double reach = 1 / perRadius + 1.5;
    int left = (int) Math.max(0, Math.min(x0, x1) - reach);
    int right = (int) Math.min(SIDE - 1, Math.max(x0, x1) + reach);
    int top = (int) Math.max(0, Math.min(y0, y1) - reach);
    int bottom = (int) Math.min(SIDE - 1, Math.max(y0, y1) + reach);
    double dx = x1 - x0;
    double dy = y1 - y0;
    double perLength = 1 / Math.max(1e-9, dx * dx + dy * dy);
    double scale = perRadius * perRadius;
    for (int y = top; y <= bottom; y++) {
      double py = y + 0.5 - y0;
      for (int x = left; x <= right; x++) {
        double px = x + 0.5 - x0;
        double t = Math.max(0, Math.min(1, (px * dx + py * dy) * perLength));
        double ex = px - t * dx;
        double ey = py - t * dy;
        double distance = (ex * ex + ey * ey) * scale;
        int pixel = y * SIDE + x;
        if (distance < nearest[pixel]) {
          nearest[pixel] = distance;
        }
      }
    }
  }

  /** From distances to bytes. */
  private void ink(byte[] target, int base) {
    double strength = between(170, 255);
    double softness = between(0.8, 1.5);
    double noise = between(0, 40);
    for (int i = 0; i < PIXELS; i += 4) {
      int random = CounterRandom.bits(key, id, NOISE_INDEX + (i >> 2));
      for (int j = 0; j < 4; j++) {
        double value = noise * (((random >> (8 * j)) & 0xff) - 128) * (1.0 / 128);
        double squared = nearest[i + j];
        if (squared < FAR) {
          double inside = radius * (1 - StrictMath.sqrt(squared));
          double cover = inside / softness + 0.5;
          value += strength * Math.max(0, Math.min(1, cover));
        }
        target[base + i + j] = (byte) (int) Math.max(0, Math.min(255, value));
      }
    }
  }

  private double between(double low, double high) {
    return low + (high - low) * CounterRandom.uniform(key, id, drawn++);
  }

  private int below(int bound) {
    return (int) (((CounterRandom.bits(key, id, drawn++) & 0xffff_ffffL) * bound) >>> 32);
  }
}
