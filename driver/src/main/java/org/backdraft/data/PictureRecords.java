package org.backdraft.data;

import org.backdraft.image.Augmentation;
import org.backdraft.image.Augmenter;
import org.backdraft.image.Border;
import org.backdraft.image.Canvas;
import org.backdraft.image.Resizer;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;

/**
 * Records of {@link PictureFile}s of any size, which become examples of one shape: the picture is
 * resized until its shorter side is 8/7 of the example's (for 224 pixels 256, as in Krizhevsky et
 * al. 2012), and its middle taken; in training an augmentation crops elsewhere, or takes a part of
 * another size instead.
 *
 * @param shape {@code (1, h, w)} for grey, {@code (3, h, w)} for color
 */
record PictureRecords(Shape shape) implements RecordFormat {
  private static final long serialVersionUID = 1L;

  /** Bytes of a decoded pixel, with alpha or black. */
  private static final long MOST_BANDS = 4;

  /**
   * Of a picture: as the JDK decodes it, as a canvas, and resized.
   *
   * @param pixels of it
   */
  long decodingBytes(long pixels) {
    double factor = 8.0 / 7;
    double resized = Math.max((double) pixels, factor * factor * shape.dim(1) * shape.dim(2));
    return MOST_BANDS * pixels + (long) (Float.BYTES * channels() * (pixels + resized));
  }

  @Override
  public ChannelSums sums(RecordBlock block) throws DataException {
    int channels = channels();
    ChannelSums sums = new ChannelSums(new long[channels], new long[channels], new long[channels]);
    PictureDecoder decoder = new PictureDecoder();
    Canvas canvas = new Canvas(channels, false);
    for (int record = 0; record < block.size(); record++) {
      decode(decoder, block, record, canvas);
      for (int c = 0; c < channels; c++) {
        sums.add(c, canvas.values(), c * canvas.pixels(), canvas.pixels());
      }
    }
    return sums;
  }

  @Override
  public void check(RecordBlock block, int record) throws DataException {
    decode(new PictureDecoder(), block, record, new Canvas(channels(), false));
  }

  private static void decode(PictureDecoder decoder, RecordBlock block, int record, Canvas canvas)
      throws DataException {
    decoder.decode(
        PictureFile.name(block, record),
        block.bytes(),
        PictureFile.begin(block, record),
        block.offsets()[record + 1],
        canvas);
  }

  @Override
  public RecordReader reader(Decoder decoder, Kernels kernels, ActivationLayout layout) {
    return new Reader(decoder, layout);
  }

  private static final class Reader implements RecordReader {
    private final PictureDecoder pictures = new PictureDecoder();
    private final Resizer resizer = new Resizer();
    private final Canvas decoded;
    private final Canvas resized;
    private final Augmenter middle;
    private final Augmenter changed;
    private final boolean takesPart;
    private final CanvasInput input;
    private final ActivationLayout layout;

    Reader(Decoder decoder, ActivationLayout layout) {
      this.layout = layout;
      decoded = new Canvas(layout.channels(), false);
      resized = new Canvas(layout.channels(), false);
      Canvas result = new Canvas(layout.channels(), false);
      middle = augmenter(Augmentation.NONE, 0, result);
      changed = augmenter(decoder.augmentation(), decoder.seed(), result);
      takesPart = decoder.augmentation().takesPart();
      input = new CanvasInput(decoder, layout);
    }

    private Augmenter augmenter(Augmentation augmentation, long seed, Canvas result) {
      return new Augmenter(
          augmentation, seed, Border.ZERO, result, layout.height(), layout.width());
    }

    @Override
    public void read(RecordBlock block, int record, int epoch, Batch batch, int place)
        throws DataException {
      decode(pictures, block, record, decoded);
      boolean isChanged = epoch != UNCHANGED;
      Canvas source = isChanged && takesPart ? decoded : fitted();
      long id = block.firstExample() + record;
      Canvas shown = isChanged ? changed.apply(source, epoch, id) : middle.apply(source, 0, id);
      input.write(shown, batch.inputs(), place * layout.size());
      batch.labels()[place] = block.labels()[record];
    }

    private Canvas fitted() {
      double factor =
          8.0
              / 7
              * Math.max(
                  (double) layout.height() / decoded.height(),
                  (double) layout.width() / decoded.width());
      int height = Math.max(layout.height(), (int) StrictMath.rint(decoded.height() * factor));
      int width = Math.max(layout.width(), (int) StrictMath.rint(decoded.width() * factor));
      resizer.resize(decoded, height, width, resized);
      return resized;
    }
  }
}
