package org.backdraft.data;

import org.backdraft.image.Augmenter;
import org.backdraft.image.Border;
import org.backdraft.image.Canvas;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;

/**
 * Records of unsigned bytes, channel after channel, all of one shape, with one label each.
 *
 * @param shape {@code (channels, h, w)}, {@code (channels, d, h, w)} or {@code (features)}
 */
record ByteRecords(Shape shape) implements RecordFormat {
  private static final long serialVersionUID = 1L;

  @Override
  public ChannelSums sums(RecordBlock block) {
    return ChannelSums.of(block, channels());
  }

  @Override
  public RecordReader reader(Decoder decoder, Kernels kernels, ActivationLayout layout) {
    return decoder.augmentation().isNone()
        ? plain(decoder, kernels, layout)
        : new Augmented(decoder, kernels, layout);
  }

  private static RecordReader plain(Decoder decoder, Kernels kernels, ActivationLayout layout) {
    return (block, record, epoch, batch, place) -> {
      decoder.decode(kernels, block, record, layout, batch.inputs(), place * layout.size());
      batch.labels()[place] = block.labels()[record];
    };
  }

  private static final class Augmented implements RecordReader {
    private final Decoder decoder;
    private final RecordReader plain;
    private final Canvas source;
    private final Augmenter augmenter;
    private final CanvasInput input;
    private final ActivationLayout layout;

    Augmented(Decoder decoder, Kernels kernels, ActivationLayout layout) {
      this.decoder = decoder;
      this.layout = layout;
      plain = plain(decoder, kernels, layout);
      source = new Canvas(layout.channels(), false).reset(layout.height(), layout.width());
      augmenter =
          new Augmenter(
              decoder.augmentation(),
              decoder.seed(),
              Border.ZERO,
              new Canvas(layout.channels(), false),
              layout.height(),
              layout.width());
      input = new CanvasInput(decoder, layout);
    }

    @Override
    public void read(RecordBlock block, int record, int epoch, Batch batch, int place)
        throws DataException {
      if (epoch == UNCHANGED) {
        plain.read(block, record, epoch, batch, place);
        return;
      }
      int begin = decoder.begin(block, record);
      float[] values = source.values();
      for (int i = 0; i < layout.shape().elements(); i++) {
        values[i] = block.bytes()[begin + i] & 0xff;
      }
      Canvas changed = augmenter.apply(source, epoch, block.firstExample() + record);
      input.write(changed, batch.inputs(), place * layout.size());
      batch.labels()[place] = block.labels()[record];
    }
  }
}
