package org.backdraft.data;

import java.util.Arrays;
import java.util.List;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * {@code digits:}: handwritten-like digits of 28×28 grey pixels in ten classes, painted where they
 * are needed; no files.
 *
 * <p>Options, comma-separated: {@code train} (examples, 12000), {@code val} (2000), {@code seed}
 * (7), {@code only} (all): the digits there are, {@code only=789}, which are the classes then. An
 * example is a function of (seed, split, id) and of the digits alone.
 */
final class DigitsSource implements DataSource {
  private static final long serialVersionUID = 1L;

  private static final String ONLY = "only";
  private static final int TRAIN_EXAMPLES = 12_000;
  private static final int VALIDATION_EXAMPLES = 2_000;
  private static final long SEED = 7;

  /** The painter's own stream of random numbers: "digits" in ASCII. */
  private static final long OPERATION = 0x64_69_67_69_74_73L;

  private final String uri;
  private final int examples;
  private final long key;
  private final int[] digits; // by class

  private DigitsSource(String uri, int examples, long key, int[] digits) {
    this.uri = uri;
    this.examples = examples;
    this.key = key;
    this.digits = digits;
  }

  /**
   * @param options {@code name=value,…} or nothing
   */
  static DigitsSource open(String options, Split split) {
    int train = TRAIN_EXAMPLES;
    int validation = VALIDATION_EXAMPLES;
    long seed = SEED;
    int[] digits = DigitPainter.ALL;
    if (!options.isBlank()) {
      for (String option : options.split(",", -1)) {
        int equals = option.indexOf('=');
        String name = equals < 0 ? option : option.substring(0, equals).trim();
        if (name.equals(ONLY)) {
          digits = digits(option.substring(equals + 1).trim(), options);
          continue;
        }
        long value = number(options, option, equals);
        switch (name) {
          case "train" -> train = count(option, value);
          case "val" -> validation = count(option, value);
          case "seed" -> seed = value;
          default ->
              throw new IllegalArgumentException(
                  "digits: knows the options train, val, seed and only: got '%s' in 'digits:%s'."
                      .formatted(option, options));
        }
      }
    }
    boolean isTrain = split == Split.TRAIN;
    return new DigitsSource(
        "digits:" + options,
        isTrain ? train : validation,
        CounterRandom.key(seed, isTrain ? 0 : 1, OPERATION),
        digits);
  }

  private static int[] digits(String text, String options) {
    int[] digits = text.chars().map(each -> each - '0').toArray();
    boolean areDigits = Arrays.stream(digits).allMatch(each -> each >= 0 && each <= 9);
    Checks.argument(
        digits.length > 0 && areDigits && Arrays.stream(digits).distinct().count() == digits.length,
        "only of digits: must be different digits one after the other, such as only=789: got '%s' in"
            + " 'digits:%s'.",
        text,
        options);
    return digits;
  }

  private static long number(String options, String option, int equals) {
    try {
      return Long.parseLong(option.substring(equals + 1).trim());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "digits: takes options such as train=12000,val=2000,seed=7: got '%s' in 'digits:%s'."
              .formatted(option, options),
          e);
    }
  }

  private static int count(String option, long value) {
    Checks.argument(
        value >= 1 && value <= Integer.MAX_VALUE,
        "digits: needs a number of examples in [1, 2147483647]: got '%s'.",
        option);
    return (int) value;
  }

  @Override
  public String uri() {
    return uri;
  }

  @Override
  public Shape shape() {
    return Shape.of(1, DigitPainter.SIDE, DigitPainter.SIDE);
  }

  @Override
  public List<String> classes() {
    return Arrays.stream(digits).mapToObj(Integer::toString).toList();
  }

  @Override
  public int examples() {
    return examples;
  }

  @Override
  public int bytesPerExample() {
    return DigitPainter.PIXELS;
  }

  @Override
  public boolean seekable() {
    return true;
  }

  @Override
  public BlockReader read(int begin, int end, int examplesPerBlock) {
    return new Reader(begin, end, examplesPerBlock);
  }

  private final class Reader implements BlockReader {
    private final DigitPainter painter = new DigitPainter(key, digits);
    private final BlockCuts cuts;

    Reader(int begin, int end, int examplesPerBlock) {
      cuts = new BlockCuts(begin, end, examplesPerBlock);
    }

    @Override
    public RecordBlock next() {
      if (!cuts.advance()) {
        return null;
      }
      int[] labels = new int[cuts.size()];
      byte[] bytes = new byte[cuts.size() * DigitPainter.PIXELS];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = painter.paint(cuts.begin() + i, bytes, i * DigitPainter.PIXELS);
      }
      return RecordBlock.ofEqualRecords(cuts.begin(), labels, bytes);
    }

    @Override
    public void close() {}
  }
}
