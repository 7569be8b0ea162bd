package org.backdraft.data;

import java.util.List;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Shape;

/**
 * {@code arms:}: pictures of an arm, for the regression of a pose. An upper arm from the middle of
 * the picture and a lower arm behind it, each of a random direction and length, with a hand at the
 * end, in noise. To predict are the places of elbow and hand: (x, y) of each, −1 being the left or
 * upper border and 1 the other one.
 *
 * <p>Options: {@code train} (4000), {@code val} (1000), {@code side} of the picture (32), {@code
 * noise} (the largest grey value that is added to each pixel, 40), {@code seed} (7).
 *
 * @param side of the picture, in pixels
 * @param noise largest grey value
 * @param key of the random numbers
 */
record ArmPictures(int side, int noise, long key) implements GeneratedSource.Maker {
  private static final long serialVersionUID = 1L;

  /** The pictures' own stream of random numbers: "arms" in ASCII. */
  private static final long OPERATION = 0x61_72_6d_73L;

  private static final int TARGETS = 4;
  private static final double SHORTEST = 0.2;
  private static final double LONGEST = 0.45;
  private static final double ARM_RADIUS = 0.06;
  private static final double HAND_RADIUS = 0.13;
  private static final int BRIGHT = 200;

  static DataSource open(String location, Split split) {
    String uri = "arms:" + location;
    SourceOptions options =
        SourceOptions.parse(uri, location, "train", "val", "side", "noise", "seed");
    long train = options.whole("train", 4000, 1, Integer.MAX_VALUE / 8);
    long validation = options.whole("val", 1000, 1, Integer.MAX_VALUE / 8);
    int side = (int) options.whole("side", 32, 8, 1024);
    int noise = (int) options.whole("noise", 40, 0, 255 - BRIGHT);
    long seed = options.whole("seed", 7, Long.MIN_VALUE, Long.MAX_VALUE);
    return new GeneratedSource(
        uri,
        new PosedPictures(Shape.of(1, side, side), TARGETS),
        List.of("elbow x", "elbow y", "hand x", "hand y"),
        split == Split.TRAIN ? train : validation,
        new ArmPictures(side, noise, GeneratedSource.key(seed, split, OPERATION)));
  }

  @Override
  public int bytes() {
    return side * side + TARGETS * Float.BYTES;
  }

  @Override
  public GeneratedSource.Writer writer() {
    return (id, target, base) -> {
      double[] elbow = end(id, 0, 0, 0);
      double[] hand = end(id, 2, elbow[0], elbow[1]);
      for (int row = 0; row < side; row++) {
        for (int column = 0; column < side; column++) {
          double x = place(column);
          double y = place(row);
          double share =
              Math.max(
                  Math.max(
                      cover(distance(x, y, 0, 0, elbow[0], elbow[1]), ARM_RADIUS),
                      cover(distance(x, y, elbow[0], elbow[1], hand[0], hand[1]), ARM_RADIUS)),
                  cover(distance(x, y, hand[0], hand[1], hand[0], hand[1]), HAND_RADIUS));
          int pixel = row * side + column;
          float random = CounterRandom.uniform(key, id, TARGETS + pixel);
          target[base + pixel] = (byte) (int) (BRIGHT * share + noise * random);
        }
      }
      int at = base + side * side;
      for (double each : new double[] {elbow[0], elbow[1], hand[0], hand[1]}) {
        ValueRecords.put(target, at, (float) each);
        at += Float.BYTES;
      }
      return 0;
    };
  }

  /** Where a segment ends that begins at (x, y). */
  private double[] end(long id, int draw, double x, double y) {
    double angle = 2 * StrictMath.PI * CounterRandom.uniform(key, id, draw);
    double length = SHORTEST + (LONGEST - SHORTEST) * CounterRandom.uniform(key, id, draw + 1L);
    return new double[] {x + length * StrictMath.cos(angle), y + length * StrictMath.sin(angle)};
  }

  /** The middle of a pixel, from −1 to 1. */
  private double place(int pixel) {
    return (2.0 * pixel + 1) / side - 1;
  }

  /** How much of a pixel is within a radius, by the distance of its middle. */
  private double cover(double distance, double radius) {
    double pixel = 2.0 / side;
    return Math.min(1, Math.max(0, (radius - distance) / pixel + 0.5));
  }

  /** Of a point from a segment. */
  private static double distance(double x, double y, double x1, double y1, double x2, double y2) {
    double dx = x2 - x1;
    double dy = y2 - y1;
    double square = dx * dx + dy * dy;
    double along = square == 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / square;
    double share = Math.min(1, Math.max(0, along));
    double ex = x - x1 - share * dx;
    double ey = y - y1 - share * dy;
    return Math.sqrt(ex * ex + ey * ey);
  }
}
