package org.backdraft.data;

import org.backdraft.image.Augmentation;
import org.backdraft.image.Augmenter;
import org.backdraft.image.Border;
import org.backdraft.image.Canvas;
import org.backdraft.kernel.Kernels;
import org.backdraft.metric.Metric;
import org.backdraft.metric.SegmentationMetric;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;

/**
 * Records of pictures with a class for each pixel. A record is height and width (four bytes each,
 * big-endian), the picture's bytes, channel after channel, and a byte for each pixel's class, 255
 * for pixels that count for nothing. Examples of one shape are cut out: at random in training, as
 * tiles that cover the picture in evaluations. Beyond its border a picture is mirrored (Ronneberger
 * et al. 2015, section 2).
 *
 * @param shape {@code (channels, h, w)}
 * @param classes of the pixels
 */
record MaskedPictures(Shape shape, int classes) implements RecordFormat {
  private static final long serialVersionUID = 1L;

  /** The class of pixels that count for nothing. */
  static final int IGNORED = 255;

  /** How a network's batch says the same: PyTorch's {@code ignore_index}. */
  static final int IGNORED_LABEL = -100;

  /** Bytes before those of the picture. */
  static final int HEADER = 8;

  @Override
  public int labels() {
    return shape.dim(1) * shape.dim(2);
  }

  @Override
  public Metric metric() {
    return new SegmentationMetric(classes, IGNORED_LABEL);
  }

  @Override
  public ChannelSums sums(RecordBlock block) throws DataException {
    int channels = channels();
    ChannelSums sums = new ChannelSums(new long[channels], new long[channels], new long[channels]);
    Canvas canvas = new Canvas(channels, true);
    for (int record = 0; record < block.size(); record++) {
      load(block, record, canvas);
      for (int c = 0; c < channels; c++) {
        sums.add(c, canvas.values(), c * canvas.pixels(), canvas.pixels());
      }
    }
    return sums;
  }

  @Override
  public RecordReader reader(Decoder decoder, Kernels kernels, ActivationLayout layout) {
    Canvas source = new Canvas(layout.channels(), true);
    Canvas result = new Canvas(layout.channels(), true);
    Augmenter middle = augmenter(Augmentation.NONE, 0, result);
    Augmenter changed = augmenter(decoder.augmentation(), decoder.seed(), result);
    CanvasInput input = new CanvasInput(decoder, layout);
    return (block, record, epoch, batch, place) -> {
      load(block, record, source);
      boolean isChanged = epoch != RecordReader.UNCHANGED;
      long id = block.firstExample() + record;
      Canvas shown = isChanged ? changed.apply(source, epoch, id) : middle.apply(source, 0, id);
      input.write(shown, batch.inputs(), place * layout.size());
      write(shown, batch, place * labels());
    };
  }

  private Augmenter augmenter(Augmentation augmentation, long seed, Canvas result) {
    return new Augmenter(augmentation, seed, Border.MIRROR, result, shape.dim(1), shape.dim(2));
  }

  private static void write(Canvas shown, Batch batch, int base) {
    for (int i = 0; i < shown.pixels(); i++) {
      int each = shown.mask()[i];
      batch.labels()[base + i] = each == IGNORED ? IGNORED_LABEL : each;
    }
  }

  /** Bytes of a record. */
  static long bytes(int channels, int height, int width) {
    return HEADER + (channels + 1L) * height * width;
  }

  /** Writes a record. */
  static void store(Canvas canvas, byte[] target, int base) {
    putInt(target, base, canvas.height());
    putInt(target, base + 4, canvas.width());
    int values = canvas.channels() * canvas.pixels();
    for (int i = 0; i < values; i++) {
      target[base + HEADER + i] = (byte) (int) (canvas.values()[i] + 0.5f);
    }
    for (int i = 0; i < canvas.pixels(); i++) {
      target[base + HEADER + values + i] = (byte) canvas.mask()[i];
    }
  }

  /**
   * Reads a record.
   *
   * @throws DataException if it has not the bytes that it must have
   */
  void load(RecordBlock block, int record, Canvas target) throws DataException {
    int begin = block.offsets()[record];
    int length = block.offsets()[record + 1] - begin;
    int height = length < HEADER ? 0 : getInt(block.bytes(), begin);
    int width = length < HEADER ? 0 : getInt(block.bytes(), begin + 4);
    if (height < 1 || width < 1 || bytes(channels(), height, width) != length) {
      throw new DataException(
          "Example %d must have the bytes of a picture of %d channels and its mask: got %d for %d x %d."
              .formatted(block.firstExample() + record, channels(), length, height, width));
    }
    target.reset(height, width);
    int values = channels() * target.pixels();
    for (int i = 0; i < values; i++) {
      target.values()[i] = block.bytes()[begin + HEADER + i] & 0xff;
    }
    for (int i = 0; i < target.pixels(); i++) {
      target.mask()[i] = block.bytes()[begin + HEADER + values + i] & 0xff;
    }
  }

  /** How many tiles cover {@code size} pixels of an axis. */
  static int tiles(int size, int tile) {
    return (size + tile - 1) / tile;
  }

  /** Where a tile begins; the last one is moved back so that it ends where the picture ends. */
  private static int begin(int index, int size, int tile) {
    return Math.max(0, Math.min(index * tile, size - tile));
  }

  /**
   * The tiles of a picture, row by row. What two tiles have in common counts in the first of them
   * alone.
   */
  @Override
  public byte[] part(RecordBlock block, int record, int part) throws DataException {
    Canvas whole = new Canvas(channels(), true);
    load(block, record, whole);
    int rows = Math.min(shape.dim(1), whole.height());
    int columns = Math.min(shape.dim(2), whole.width());
    int across = tiles(whole.width(), shape.dim(2));
    int top = begin(part / across, whole.height(), shape.dim(1));
    int left = begin(part % across, whole.width(), shape.dim(2));
    Canvas tile = new Canvas(channels(), true).reset(rows, columns);
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        int from = (top + y) * whole.width() + left + x;
        int to = y * columns + x;
        for (int c = 0; c < channels(); c++) {
          tile.values()[c * tile.pixels() + to] = whole.values()[c * whole.pixels() + from];
        }
        boolean isFirst =
            top + y >= part / across * shape.dim(1) && left + x >= part % across * shape.dim(2);
        tile.mask()[to] = isFirst ? whole.mask()[from] : IGNORED;
      }
    }
    byte[] bytes = new byte[(int) bytes(channels(), rows, columns)];
    store(tile, bytes, 0);
    return bytes;
  }

  private static void putInt(byte[] bytes, int at, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >>> (24 - 8 * i));
    }
  }

  private static int getInt(byte[] bytes, int at) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value = (value << 8) | (bytes[at + i] & 0xff);
    }
    return value;
  }
}
