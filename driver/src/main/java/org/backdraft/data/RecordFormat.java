package org.backdraft.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Optional;
import org.backdraft.kernel.Kernels;
import org.backdraft.metric.Metric;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;

/** What the bytes of a source's records stand for. A value. */
public interface RecordFormat extends Serializable {
  /** The logical shape of an example as the network takes it. */
  Shape shape();

  /** Labels of an example: 1, or one for each pixel. */
  default int labels() {
    return 1;
  }

  /** Numbers that the outputs of an example are compared with; 0 where it has labels instead. */
  default int targets() {
    return 0;
  }

  /** What evaluations measure beside loss and accuracy. */
  default Metric metric() {
    return Metric.NONE;
  }

  /**
   * The record of one of the {@link DataSource#parts} of an example.
   *
   * @throws DataException if the record cannot be read
   */
  default byte[] part(RecordBlock block, int record, int part) throws DataException {
    return Arrays.copyOfRange(block.bytes(), block.offsets()[record], block.offsets()[record + 1]);
  }

  /** What the value 1 is stored as. */
  default double one() {
    return 255;
  }

  /**
   * Means and deviations of all channels, where they are known without the data; else {@link #sums}
   * gives them.
   */
  default Optional<Spread> spread() {
    return Optional.empty();
  }

  /**
   * Of each channel, in units of {@link #one}.
   *
   * @param means of the values
   * @param deviations of them, above 0
   */
  record Spread(double[] means, double[] deviations) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** Whether {@code data.augment} can change examples. */
  default boolean takesAugmentation() {
    return shape().isImage();
  }

  /** How many scales and shifts normalize an example. */
  default int channels() {
    return shape().isImage() || shape().isVolume() ? shape().dim(0) : 1;
  }

  /**
   * Reads a record as far as it takes to know that it can be read.
   *
   * @throws DataException if it cannot
   */
  default void check(RecordBlock block, int record) throws DataException {}

  /**
   * Exact sums over the values of a block as it is stored, channel by channel.
   *
   * @throws DataException if a record cannot be read
   */
  ChannelSums sums(RecordBlock block) throws DataException;

  /**
   * A reader for the loader's thread.
   *
   * @param decoder of this format
   * @param layout of the network's input, with this shape
   */
  RecordReader reader(Decoder decoder, Kernels kernels, ActivationLayout layout);
}
