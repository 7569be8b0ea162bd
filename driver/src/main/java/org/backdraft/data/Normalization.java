package org.backdraft.data;

import java.io.IOException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * What {@code data.normalize} asks for: how bytes become a network's input. With {@code x} the byte
 * over 255, the input is
 *
 * <ul>
 *   <li>{@code unit}: x;
 *   <li>{@code standard}: (x − mean) / std, per channel, with the training set's own mean and
 *       (population) standard deviation, from exact integer sums; a channel without variance is
 *       divided by 1;
 *   <li>{@code means:stds}: (x − mean) / std with the given numbers, one or one for each channel:
 *       {@code 0.1307:0.3081}, {@code 0.485,0.456,0.406:0.229,0.224,0.225}.
 * </ul>
 */
public final class Normalization implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double LARGEST_BYTE = 255;

  private enum Kind {
    UNIT,
    STANDARD,
    GIVEN
  }

  /** Supplies the exact sums over the training set, when they are asked for. */
  public interface Statistics {
    /** The sums over all examples of the training set. */
    ChannelSums sums() throws IOException;
  }

  private final String text;
  private final Kind kind;
  private final double[] means;
  private final double[] stds;

  private Normalization(String text, Kind kind, double[] means, double[] stds) {
    this.text = text;
    this.kind = kind;
    this.means = means;
    this.stds = stds;
  }

  /**
   * Parses {@code unit}, {@code standard} or {@code means:stds}.
   *
   * @throws IllegalArgumentException if it is none of them, a mean is not finite, or a standard
   *     deviation is not finite and above 0
   */
  public static Normalization parse(String text) {
    if (text.equals("unit")) {
      return new Normalization(text, Kind.UNIT, new double[0], new double[0]);
    }
    if (text.equals("standard")) {
      return new Normalization(text, Kind.STANDARD, new double[0], new double[0]);
    }
    int colon = text.indexOf(':');
    Checks.argument(
        colon > 0 && colon == text.lastIndexOf(':'),
        "data.normalize must be unit, standard or means:stds such as 0.1307:0.3081: got '%s'.",
        text);
    double[] means = numbers(text, text.substring(0, colon));
    double[] stds = numbers(text, text.substring(colon + 1));
    Checks.argument(
        means.length == stds.length,
        "data.normalize needs as many means as standard deviations: '%s' has %d and %d.",
        text,
        means.length,
        stds.length);
    for (double std : stds) {
      Checks.argument(std > 0, "data.normalize needs standard deviations above 0: got '%s'.", text);
    }
    return new Normalization(text, Kind.GIVEN, means, stds);
  }

  private static double[] numbers(String text, String list) {
    String[] parts = list.split(",", -1);
    double[] numbers = new double[parts.length];
    for (int i = 0; i < parts.length; i++) {
      double number = Double.NaN;
      try {
        number = Double.parseDouble(parts[i].trim());
      } catch (NumberFormatException e) {
        // Not a number is refused below.
      }
      Checks.argument(
          Double.isFinite(number),
          "data.normalize must be unit, standard or finite means:stds: '%s' in '%s' is no number.",
          parts[i],
          text);
      numbers[i] = number;
    }
    return numbers;
  }

  /** Whether {@link #decoder} asks for the sums over the training set. */
  public boolean needsStatistics() {
    return kind == Kind.STANDARD;
  }

  /**
   * The same with its numbers: {@code standard} becomes the means and deviations that it stands
   * for, as a text that {@link #parse} reads back to the same bits. What a model is to be used with
   * later, on other data.
   *
   * @param format of the training set's records
   * @param statistics asked only for {@code standard}
   */
  public Normalization resolved(RecordFormat format, Statistics statistics) throws IOException {
    return kind == Kind.STANDARD ? standard(format, statistics) : this;
  }

  private static Normalization standard(RecordFormat format, Statistics statistics)
      throws IOException {
    return format.spread().isPresent()
        ? given(format.spread().get().means(), format.spread().get().deviations())
        : standard(statistics.sums());
  }

  private static Normalization given(double[] means, double[] stds) {
    return new Normalization(list(means) + ":" + list(stds), Kind.GIVEN, means, stds);
  }

  /**
   * The decoder for records of bytes of that shape.
   *
   * @param statistics asked only for {@code standard}
   * @throws IllegalArgumentException if the given means are neither one nor one for each channel
   */
  public Decoder decoder(Shape shape, Statistics statistics) throws IOException {
    return decoder(new ByteRecords(shape), statistics);
  }

  /** Likewise for records of any format. */
  public Decoder decoder(RecordFormat format, Statistics statistics) throws IOException {
    int channels = format.channels();
    return switch (kind) {
      case UNIT -> {
        double[] zeros = new double[channels];
        double[] ones = new double[channels];
        Arrays.fill(ones, 1);
        yield decoder(format, zeros, ones);
      }
      case STANDARD -> standard(format, statistics).decoder(format, statistics);
      case GIVEN -> {
        Checks.argument(
            means.length == 1 || means.length == channels,
            "data.normalize must give 1 mean or one for each of the %d channels of %s: got '%s'.",
            channels,
            format.shape(),
            text);
        yield decoder(format, spread(means, channels), spread(stds, channels));
      }
    };
  }

  private static double[] spread(double[] values, int channels) {
    double[] spread = Arrays.copyOf(values, channels);
    if (values.length == 1) {
      Arrays.fill(spread, values[0]);
    }
    return spread;
  }

  private static Normalization standard(ChannelSums sums) {
    int channels = sums.counts().length;
    double[] means = new double[channels];
    double[] stds = new double[channels];
    for (int c = 0; c < channels; c++) {
      // Exact up to the one rounding of each quotient: n Σx² − (Σx)² may pass 64 bits.
      BigInteger n = BigInteger.valueOf(sums.counts()[c]);
      BigInteger sum = BigInteger.valueOf(sums.sums()[c]);
      BigInteger spread =
          n.multiply(BigInteger.valueOf(sums.squares()[c])).subtract(sum.multiply(sum));
      double count = n.doubleValue();
      double variance = new BigDecimal(spread).doubleValue() / (count * count);
      means[c] = sum.doubleValue() / count / LARGEST_BYTE;
      stds[c] = variance > 0 ? StrictMath.sqrt(variance) / LARGEST_BYTE : 1;
    }
    return given(means, stds);
  }

  private static String list(double[] values) {
    return Arrays.stream(values).mapToObj(Double::toString).collect(Collectors.joining(","));
  }

  private static Decoder decoder(RecordFormat format, double[] means, double[] stds) {
    float[] scale = new float[means.length];
    float[] shift = new float[means.length];
    for (int c = 0; c < means.length; c++) {
      scale[c] = (float) (1 / (format.one() * stds[c]));
      // 0.0 − x rather than −x, so that a mean of 0 gives +0.
      shift[c] = (float) (0.0 - means[c] / stds[c]);
    }
    return new Decoder(format, scale, shift);
  }

  /** As the user wrote it. */
  @Override
  public String toString() {
    return text;
  }
}
