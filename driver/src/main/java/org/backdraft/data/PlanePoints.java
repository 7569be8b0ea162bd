package org.backdraft.data;

import java.util.List;
import java.util.Locale;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;

/**
 * {@code points:KIND}: points of the plane in two classes.
 *
 * <ul>
 *   <li>{@code and}, {@code or}, {@code xor}, {@code first}: the four corners of the unit square in
 *       turn, with the class that the function of their coordinates has ({@code first} is y = x1);
 *   <li>{@code clouds}: two normal clouds around (±1, ±1), of deviation 0.4: hardly ever mixed;
 *   <li>{@code moons}: two half circles that reach into each other;
 *   <li>{@code spirals}: two arms of one and a half turns.
 * </ul>
 *
 * <p>Options: {@code train} (400; 4 for corners), {@code val} (200; 4), {@code noise} (the
 * deviation that is added to each coordinate: 0.1 for moons, 0.02 for spirals, else 0), {@code
 * seed} (7).
 *
 * @param kind of the points
 * @param noise deviation of both coordinates
 * @param key of the random numbers
 */
record PlanePoints(Kind kind, double noise, long key) implements GeneratedSource.Maker {
  private static final long serialVersionUID = 1L;

  /** The points' own stream of random numbers: "points" in ASCII. */
  private static final long OPERATION = 0x70_6f_69_6e_74_73L;

  private static final double TURNS = 1.5;

  /** Which points. */
  enum Kind {
    AND,
    OR,
    XOR,
    FIRST,
    CLOUDS,
    MOONS,
    SPIRALS;

    private boolean isOfCorners() {
      return switch (this) {
        case AND, OR, XOR, FIRST -> true;
        case CLOUDS, MOONS, SPIRALS -> false;
      };
    }
  }

  static DataSource open(String location, Split split) {
    String uri = "points:" + location;
    int comma = location.indexOf(',');
    String name = comma < 0 ? location : location.substring(0, comma);
    Kind kind = null;
    for (Kind each : Kind.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(name.trim())) {
        kind = each;
      }
    }
    Checks.argument(
        kind != null,
        "points: needs one of and, or, xor, first, clouds, moons, spirals, such as points:moons: got"
            + " '%s'.",
        uri);
    SourceOptions options =
        SourceOptions.parse(
            uri, comma < 0 ? "" : location.substring(comma + 1), "train", "val", "noise", "seed");
    boolean isTraining = split == Split.TRAIN;
    long train = options.whole("train", kind.isOfCorners() ? 4 : 400, 1, Integer.MAX_VALUE / 8);
    long validation = options.whole("val", kind.isOfCorners() ? 4 : 200, 1, Integer.MAX_VALUE / 8);
    double usual = kind == Kind.MOONS ? 0.1 : kind == Kind.SPIRALS ? 0.02 : 0;
    double noise = options.number("noise", usual, 0, 100);
    long seed = options.whole("seed", 7, Long.MIN_VALUE, Long.MAX_VALUE);
    return new GeneratedSource(
        uri,
        new ValueRecords(2, 0, null),
        List.of("0", "1"),
        isTraining ? train : validation,
        new PlanePoints(kind, noise, GeneratedSource.key(seed, split, OPERATION)));
  }

  @Override
  public int bytes() {
    return 2 * Float.BYTES;
  }

  @Override
  public GeneratedSource.Writer writer() {
    return (id, target, base) -> {
      int label = label(id);
      double along = CounterRandom.uniform(key, id, 0);
      double x =
          switch (kind) {
            case AND, OR, XOR, FIRST -> id & 1;
            case CLOUDS -> (2 * label - 1) + 0.4 * normal(id, 1);
            case MOONS -> label == 0 ? cos(along / 2) : 1 - cos(along / 2);
            case SPIRALS -> (along + 0.1) * cos(TURNS * along + label * 0.5);
          };
      double y =
          switch (kind) {
            case AND, OR, XOR, FIRST -> (id >> 1) & 1;
            case CLOUDS -> (2 * label - 1) + 0.4 * normal(id, 2);
            case MOONS -> label == 0 ? sin(along / 2) : 0.5 - sin(along / 2);
            case SPIRALS -> (along + 0.1) * sin(TURNS * along + label * 0.5);
          };
      ValueRecords.put(target, base, (float) (x + noise * normal(id, 3)));
      ValueRecords.put(target, base + Float.BYTES, (float) (y + noise * normal(id, 4)));
      return label;
    };
  }

  private int label(long id) {
    int first = (int) (id & 1);
    int second = (int) ((id >> 1) & 1);
    return switch (kind) {
      case AND -> first & second;
      case OR -> first | second;
      case XOR -> first ^ second;
      case FIRST, CLOUDS, MOONS, SPIRALS -> first;
    };
  }

  /** Of an angle in whole turns. */
  private static double cos(double turns) {
    return StrictMath.cos(2 * StrictMath.PI * turns);
  }

  private static double sin(double turns) {
    return StrictMath.sin(2 * StrictMath.PI * turns);
  }

  /** Normally distributed (Box and Muller 1958), the {@code draw}-th number of an example. */
  private double normal(long id, int draw) {
    double first = 1 - (double) CounterRandom.uniform(key, id, 4L * draw);
    double second = CounterRandom.uniform(key, id, 4L * draw + 1);
    return StrictMath.sqrt(-2 * StrictMath.log(first)) * cos(second);
  }
}
