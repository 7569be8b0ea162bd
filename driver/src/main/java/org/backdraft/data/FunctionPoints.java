package org.backdraft.data;

import java.util.List;
import java.util.Locale;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;

/**
 * {@code function:NAME}: one number to predict from another, for regression. {@code sin} is sin(π
 * x), {@code abs} |x|, {@code square} x², {@code step} 0 below 0 and 1 from there, {@code bumps} a
 * sum of waves of three lengths; x is uniform in [−1, 1).
 *
 * <p>Options: {@code train} (256), {@code val} (128), {@code noise} (deviation of what is added to
 * the number to predict, 0), {@code seed} (7).
 *
 * @param kind of the function
 * @param noise deviation
 * @param key of the random numbers
 */
record FunctionPoints(Kind kind, double noise, long key) implements GeneratedSource.Maker {
  private static final long serialVersionUID = 1L;

  /** The points' own stream of random numbers: "function" in ASCII. */
  private static final long OPERATION = 0x66_75_6e_63_74_69_6f_6eL;

  /** Which function. */
  enum Kind {
    SIN,
    ABS,
    SQUARE,
    STEP,
    BUMPS;

    private double of(double x) {
      return switch (this) {
        case SIN -> StrictMath.sin(StrictMath.PI * x);
        case ABS -> Math.abs(x);
        case SQUARE -> x * x;
        case STEP -> x < 0 ? 0 : 1;
        case BUMPS ->
            0.6 * StrictMath.sin(3 * x)
                + 0.3 * StrictMath.sin(9 * x + 1)
                + 0.1 * StrictMath.sin(27 * x + 2);
      };
    }
  }

  static DataSource open(String location, Split split) {
    String uri = "function:" + location;
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
        "function: needs one of sin, abs, square, step, bumps, such as function:sin: got '%s'.",
        uri);
    SourceOptions options =
        SourceOptions.parse(
            uri, comma < 0 ? "" : location.substring(comma + 1), "train", "val", "noise", "seed");
    long train = options.whole("train", 256, 1, Integer.MAX_VALUE / 8);
    long validation = options.whole("val", 128, 1, Integer.MAX_VALUE / 8);
    double noise = options.number("noise", 0, 0, 100);
    long seed = options.whole("seed", 7, Long.MIN_VALUE, Long.MAX_VALUE);
    return new GeneratedSource(
        uri,
        new ValueRecords(1, 1, null),
        List.of("y"),
        split == Split.TRAIN ? train : validation,
        new FunctionPoints(kind, noise, GeneratedSource.key(seed, split, OPERATION)));
  }

  @Override
  public int bytes() {
    return 2 * Float.BYTES;
  }

  @Override
  public GeneratedSource.Writer writer() {
    return (id, target, base) -> {
      float x = 2 * CounterRandom.uniform(key, id, 0) - 1;
      double first = 1 - (double) CounterRandom.uniform(key, id, 1);
      double second = CounterRandom.uniform(key, id, 2);
      double normal =
          StrictMath.sqrt(-2 * StrictMath.log(first)) * StrictMath.cos(2 * StrictMath.PI * second);
      ValueRecords.put(target, base, x);
      ValueRecords.put(target, base + Float.BYTES, (float) (kind.of(x) + noise * normal));
      return 0;
    };
  }
}
