package org.backdraft.data;

import org.backdraft.kernel.Kernels;
import org.backdraft.metric.Metric;
import org.backdraft.metric.RegressionMetric;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;

/**
 * Records of a grey image with numbers to predict from it: unsigned bytes row by row, then the
 * numbers, four bytes each, little-endian floats. Moving pixels would make the numbers wrong, so
 * there is no augmentation.
 *
 * @param shape {@code (1, h, w)}
 * @param targets numbers of an example, at least 1
 */
record PosedPictures(Shape shape, int targets) implements RecordFormat {
  private static final long serialVersionUID = 1L;

  @Override
  public boolean takesAugmentation() {
    return false;
  }

  @Override
  public Metric metric() {
    return new RegressionMetric(targets);
  }

  /** Of the pixels alone. */
  @Override
  public ChannelSums sums(RecordBlock block) {
    ChannelSums sums = new ChannelSums(new long[1], new long[1], new long[1]);
    float[] pixels = new float[shape.elements()];
    for (int record = 0; record < block.size(); record++) {
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = block.bytes()[block.offsets()[record] + i] & 0xff;
      }
      sums.add(0, pixels, 0, pixels.length);
    }
    return sums;
  }

  @Override
  public RecordReader reader(Decoder decoder, Kernels kernels, ActivationLayout layout) {
    float scale = decoder.scale()[0];
    float shift = decoder.shift()[0];
    int pixels = shape.elements();
    return (block, record, epoch, batch, place) -> {
      int at = block.offsets()[record];
      int length = block.offsets()[record + 1] - at;
      if (length != pixels + targets * Float.BYTES) {
        throw new DataException(
            "Example %d must have %d pixels and %d numbers: got %d bytes."
                .formatted(block.firstExample() + record, pixels, targets, length));
      }
      for (int i = 0; i < pixels; i++) {
        batch.inputs()[place * layout.size() + i] =
            Math.fma(block.bytes()[at + i] & 0xff, scale, shift);
      }
      for (int i = 0; i < targets; i++) {
        batch.targets()[place * targets + i] =
            ValueRecords.get(block.bytes(), at + pixels + i * Float.BYTES);
      }
      batch.labels()[place] = block.labels()[record];
    };
  }
}
