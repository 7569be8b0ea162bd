package org.backdraft.data;

import java.util.List;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Shape;

/**
 * {@code placed-digits:}: pictures of a digit somewhere in noise, for networks with several
 * answers. An example's numbers are which digit it is, 0 to 9, and where: (x, y) of the middle of
 * its ink, −1 being the left or upper border and 1 the other one.
 *
 * <p>Options: {@code train} (4000), {@code val} (1000), {@code side} of the picture (32), {@code
 * noise} (the largest grey value that is added to each pixel, 30), {@code seed} (7). The digit is
 * one of {@code digits:}, half as large.
 *
 * @param side of the picture, in pixels
 * @param noise largest grey value
 * @param key of the random numbers
 */
record PlacedDigits(int side, int noise, long key) implements GeneratedSource.Maker {
  private static final long serialVersionUID = 1L;

  /** The pictures' own stream of random numbers: "place" in ASCII. */
  private static final long OPERATION = 0x70_6c_61_63_65L;

  /** Where the numbers for noise begin in a picture's row: behind all that the digit takes. */
  private static final long NOISE_INDEX = 1 << 20;

  private static final List<String> TARGETS = List.of("digit", "x", "y");

  /** Pixels of a digit's side. */
  private static final int DIGIT = DigitPainter.SIDE / 2;

  /** Grey values from here on are ink. */
  private static final int INK = 64;

  static DataSource open(String location, Split split) {
    String uri = "placed-digits:" + location;
    SourceOptions options =
        SourceOptions.parse(uri, location, "train", "val", "side", "noise", "seed");
    long train = options.whole("train", 4000, 1, Integer.MAX_VALUE / 8);
    long validation = options.whole("val", 1000, 1, Integer.MAX_VALUE / 8);
    int side = (int) options.whole("side", 32, DIGIT, 512);
    int noise = (int) options.whole("noise", 30, 0, 255);
    long seed = options.whole("seed", 7, Long.MIN_VALUE, Long.MAX_VALUE);
    return new GeneratedSource(
        uri,
        new PosedPictures(Shape.of(1, side, side), TARGETS.size()),
        TARGETS,
        split == Split.TRAIN ? train : validation,
        new PlacedDigits(side, noise, GeneratedSource.key(seed, split, OPERATION)));
  }

  @Override
  public int bytes() {
    return side * side + TARGETS.size() * Float.BYTES;
  }

  @Override
  public GeneratedSource.Writer writer() {
    DigitPainter painter = new DigitPainter(key, DigitPainter.ALL);
    byte[] large = new byte[DigitPainter.PIXELS];
    int[] digit = new int[DIGIT * DIGIT];
    return (id, target, base) -> {
      int label = painter.paint(id, large, 0);
      halve(large, digit);
      int bits = CounterRandom.bits(key, id, -1);
      int places = side - DIGIT + 1;
      int left = (bits >>> 16) % places;
      int top = (bits & 0xffff) % places;
      for (int pixel = 0; pixel < side * side; pixel++) {
        float random = CounterRandom.uniform(key, id, NOISE_INDEX + pixel);
        int grey = (int) (noise * random) + grey(digit, pixel % side - left, pixel / side - top);
        target[base + pixel] = (byte) Math.min(255, grey);
      }
      int at = base + side * side;
      ValueRecords.put(target, at, label);
      ValueRecords.put(target, at + Float.BYTES, place(left + middle(digit, 1)));
      ValueRecords.put(target, at + 2 * Float.BYTES, place(top + middle(digit, DIGIT)));
      return 0;
    };
  }

  /** Of four pixels the mean. */
  private static void halve(byte[] large, int[] digit) {
    for (int pixel = 0; pixel < digit.length; pixel++) {
      int at = 2 * (pixel / DIGIT * DigitPainter.SIDE + pixel % DIGIT);
      int below = at + DigitPainter.SIDE;
      digit[pixel] =
          ((large[at] & 0xff)
                  + (large[at + 1] & 0xff)
                  + (large[below] & 0xff)
                  + (large[below + 1] & 0xff))
              / 4;
    }
  }

  private static int grey(int[] digit, int x, int y) {
    boolean isInside = x >= 0 && x < DIGIT && y >= 0 && y < DIGIT;
    return isInside ? digit[y * DIGIT + x] : 0;
  }

  /**
   * The mean column, or row, of the pixels with ink.
   *
   * @param pitch 1 for columns, the width for rows
   */
  private static double middle(int[] digit, int pitch) {
    long sum = 0;
    int count = 0;
    for (int pixel = 0; pixel < digit.length; pixel++) {
      if (digit[pixel] >= INK) {
        sum += pixel / pitch % DIGIT;
        count++;
      }
    }
    return count == 0 ? (DIGIT - 1) / 2.0 : (double) sum / count;
  }

  /** From −1 to 1, of a pixel's middle. */
  private float place(double pixel) {
    return (float) ((2 * pixel + 1) / side - 1);
  }
}
