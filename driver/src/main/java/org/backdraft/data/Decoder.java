package org.backdraft.data;

import java.io.Serializable;
import org.backdraft.image.Augmentation;
import org.backdraft.kernel.Kernels;
import org.backdraft.metric.Metric;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * How encoded records become a network's input: their format, the scale and shift of each channel,
 * and in training the augmentation. Of bytes that are not augmented element {@code (c, y, x)} is
 * {@code fma(byte, scale[c], shift[c])}.
 *
 * <p>A value; any thread may use it. Nothing is allocated after the first record.
 */
public final class Decoder implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BYTE_VALUES = 256;

  private final RecordFormat format;
  private final Shape shape;
  private final float[] scale;
  private final float[] shift;
  private final Augmentation augmentation;
  private final long seed;
  private final Mixing mixing;
  private final long mixingSeed;

  /** What each byte value becomes, channel after channel; equal whoever computes it. */
  private transient volatile float[] table;

  /**
   * For records of bytes.
   *
   * @param shape logical, of one example: {@code (channels, h, w)} or {@code (features)}; the
   *     features of a vector share one scale and shift
   * @param scale one for each channel
   * @param shift one for each channel
   */
  public Decoder(Shape shape, float[] scale, float[] shift) {
    this(new ByteRecords(shape), scale, shift);
  }

  /**
   * For records of any format, not augmented.
   *
   * @param scale one for each of the format's channels
   * @param shift one for each
   */
  public Decoder(RecordFormat format, float[] scale, float[] shift) {
    this(format, scale, shift, Augmentation.NONE, 0, Mixing.NONE, 0);
  }

  private Decoder(
      RecordFormat format,
      float[] scale,
      float[] shift,
      Augmentation augmentation,
      long seed,
      Mixing mixing,
      long mixingSeed) {
    int channels = format.channels();
    Checks.argument(
        scale.length == channels && shift.length == channels,
        "Examples of %s need one scale and shift for each of %d channels: got %d and %d.",
        format.shape(),
        channels,
        scale.length,
        shift.length);
    Checks.argument(
        augmentation.isNone() || format.takesAugmentation(),
        "data.augment needs images (channels, h, w): examples are %s. Leave out '%s'.",
        format.shape(),
        augmentation);
    mixing.requireFits(format);
    this.format = format;
    this.shape = format.shape();
    this.scale = scale.clone();
    this.shift = shift.clone();
    this.augmentation = augmentation;
    this.seed = seed;
    this.mixing = mixing;
    this.mixingSeed = mixingSeed;
  }

  /**
   * The same for training, where examples change from epoch to epoch.
   *
   * @param changeSeed of the changes
   * @throws IllegalArgumentException if there are changes and examples are no images
   */
  public Decoder augmented(Augmentation changes, long changeSeed) {
    return new Decoder(format, scale, shift, changes, changeSeed, mixing, mixingSeed);
  }

  /**
   * The same for training, where the examples of a leaf are mixed.
   *
   * @param newSeed of the mixing
   * @throws IllegalArgumentException if such examples cannot be mixed
   */
  public Decoder mixed(Mixing newMixing, long newSeed) {
    return new Decoder(format, scale, shift, augmentation, seed, newMixing, newSeed);
  }

  /** What records are. */
  RecordFormat format() {
    return format;
  }

  /** What evaluations measure beside loss and accuracy. */
  public Metric metric() {
    return format.metric();
  }

  /** What changes examples from epoch to epoch. */
  Augmentation augmentation() {
    return augmentation;
  }

  /** Of the changes. */
  long seed() {
    return seed;
  }

  /** What mixes the examples of batches, for one thread. */
  ExampleMixer mixer(ActivationLayout layout, int capacity) {
    return new ExampleMixer(mixing, mixingSeed, layout, capacity);
  }

  /** A reader for one thread. */
  RecordReader reader(Kernels kernels, ActivationLayout layout) {
    return format.reader(this, kernels, layout);
  }

  /** An empty batch for such examples. */
  Batch newBatch(ActivationLayout layout, int capacity) {
    return new Batch(layout, capacity, format.labels(), format.targets());
  }

  /** The logical shape of one example. */
  public Shape shape() {
    return shape;
  }

  /** A copy of the factors, one for each channel. */
  public float[] scale() {
    return scale.clone();
  }

  /** A copy of the summands, one for each channel. */
  public float[] shift() {
    return shift.clone();
  }

  /**
   * Writes record {@code record} of the block to {@code target[targetBase, targetBase +
   * layout.size())}; padding lanes are left as they are.
   *
   * @param layout of the network's input, with this decoder's shape
   * @throws DataException if the record has not as many bytes as the shape has elements
   */
  public void decode(
      Kernels kernels,
      RecordBlock block,
      int record,
      ActivationLayout layout,
      float[] target,
      int targetBase)
      throws DataException {
    int begin = begin(block, record);
    int bytes = shape.elements();
    if (scale.length == 1 && layout.size() == bytes) {
      // One channel, or the features of a vector, without padding: memory order is the file's.
      kernels
          .pointwise()
          .decode(block.bytes(), begin, scale[0], shift[0], target, targetBase, bytes);
      return;
    }
    interleave(table(kernels), block.bytes(), begin, layout, target, targetBase);
  }

  /**
   * Where a record of bytes begins.
   *
   * @throws DataException if the record has not as many bytes as the shape has elements
   */
  int begin(RecordBlock block, int record) throws DataException {
    int begin = block.offsets()[record];
    int bytes = block.offsets()[record + 1] - begin;
    if (bytes != shape.elements()) {
      throw new DataException(
          "Example %d must have %d bytes for the shape %s: got %d."
              .formatted(block.firstExample() + record, shape.elements(), shape, bytes));
    }
    return begin;
  }

  /** From channel after channel to channels-last, through the table. */
  private void interleave(
      float[] values,
      byte[] bytes,
      int begin,
      ActivationLayout layout,
      float[] target,
      int targetBase) {
    int pixels = layout.pixels();
    int pitch = layout.pitch();
    int channels = layout.channels();
    for (int c = 0; c < channels; c++) {
      int from = begin + c * pixels;
      int row = scale.length == 1 ? 0 : c * BYTE_VALUES;
      int to = targetBase + c;
      for (int p = 0; p < pixels; p++) {
        target[to + p * pitch] = values[row + (bytes[from + p] & 0xff)];
      }
    }
  }

  private float[] table(Kernels kernels) {
    float[] values = table;
    if (values == null) {
      byte[] every = new byte[BYTE_VALUES];
      for (int i = 0; i < BYTE_VALUES; i++) {
        every[i] = (byte) i;
      }
      values = new float[scale.length * BYTE_VALUES];
      for (int c = 0; c < scale.length; c++) {
        kernels
            .pointwise()
            .decode(every, 0, scale[c], shift[c], values, c * BYTE_VALUES, BYTE_VALUES);
      }
      table = values;
    }
    return values;
  }
}
