package org.backdraft.data;

import java.util.Optional;
import org.backdraft.kernel.Kernels;
import org.backdraft.metric.Metric;
import org.backdraft.metric.RegressionMetric;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;

/**
 * Records of numbers: the features, then the targets if examples have any, four bytes each,
 * little-endian floats. An example without targets has a label.
 *
 * @param features of an example, at least 1
 * @param targets of it; 0 for a label
 * @param known means and deviations of the features, or null
 */
record ValueRecords(int features, int targets, Spread known) implements RecordFormat {
  private static final long serialVersionUID = 1L;

  @Override
  public Shape shape() {
    return Shape.of(features);
  }

  @Override
  public double one() {
    return 1;
  }

  /** Each feature has a scale and a shift of its own. */
  @Override
  public int channels() {
    return features;
  }

  @Override
  public boolean takesAugmentation() {
    return false;
  }

  @Override
  public Metric metric() {
    return targets == 0 ? Metric.NONE : new RegressionMetric(targets);
  }

  @Override
  public Optional<Spread> spread() {
    return Optional.ofNullable(known);
  }

  @Override
  public ChannelSums sums(RecordBlock block) {
    throw new UnsupportedOperationException("Means of numbers are known from their source.");
  }

  @Override
  public RecordReader reader(Decoder decoder, Kernels kernels, ActivationLayout layout) {
    float[] scale = decoder.scale();
    float[] shift = decoder.shift();
    return (block, record, epoch, batch, place) -> {
      int at = block.offsets()[record];
      int length = block.offsets()[record + 1] - at;
      if (length != (features + targets) * Float.BYTES) {
        throw new DataException(
            "Example %d must have %d numbers: got %d bytes."
                .formatted(block.firstExample() + record, features + targets, length));
      }
      for (int i = 0; i < features; i++, at += Float.BYTES) {
        float value = get(block.bytes(), at);
        batch.inputs()[place * layout.size() + i] = value * scale[i] + shift[i];
      }
      for (int i = 0; i < targets; i++, at += Float.BYTES) {
        batch.targets()[place * targets + i] = get(block.bytes(), at);
      }
      batch.labels()[place] = block.labels()[record];
    };
  }

  /** Writes a number of a record. */
  static void put(byte[] bytes, int at, float value) {
    int bits = Float.floatToRawIntBits(value);
    for (int i = 0; i < Float.BYTES; i++) {
      bytes[at + i] = (byte) (bits >>> (8 * i));
    }
  }

  /** The number that {@link #put} has written. */
  static float get(byte[] bytes, int at) {
    int bits = 0;
    for (int i = Float.BYTES - 1; i >= 0; i--) {
      bits = (bits << 8) | (bytes[at + i] & 0xff);
    }
    return Float.intBitsToFloat(bits);
  }
}
