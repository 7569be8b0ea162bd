package org.backdraft.data;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * Exact integer sums over all bytes of each channel: equal in whichever order they are added.
 *
 * @param counts pixels of each channel
 * @param sums of the bytes, unsigned
 * @param squares sums of their squares
 */
public record ChannelSums(long[] counts, long[] sums, long[] squares) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The sums over a block whose records are channel after channel of equal size. */
  public static ChannelSums of(RecordBlock block, int channels) {
    ChannelSums result =
        new ChannelSums(new long[channels], new long[channels], new long[channels]);
    for (int record = 0; record < block.size(); record++) {
      int begin = block.offsets()[record];
      int pixels = (block.offsets()[record + 1] - begin) / channels;
      for (int c = 0; c < channels; c++) {
        result.add(c, block.bytes(), begin + c * pixels, pixels);
      }
    }
    return result;
  }

  private void add(int channel, byte[] bytes, int begin, int length) {
    long sum = 0;
    long square = 0;
    for (int i = begin; i < begin + length; i++) {
      int value = bytes[i] & 0xff;
      sum += value;
      square += (long) value * value;
    }
    counts[channel] += length;
    sums[channel] += sum;
    squares[channel] += square;
  }

  /** Adds values of [0, 255], rounded to whole ones. */
  void add(int channel, float[] values, int begin, int length) {
    long sum = 0;
    long square = 0;
    for (int i = begin; i < begin + length; i++) {
      int value = (int) (values[i] + 0.5f);
      sum += value;
      square += (long) value * value;
    }
    counts[channel] += length;
    sums[channel] += sum;
    squares[channel] += square;
  }

  /** The sums over both. */
  public ChannelSums plus(ChannelSums other) {
    Checks.argument(
        counts.length == other.counts.length,
        "Sums of %d and of %d channels do not add.",
        counts.length,
        other.counts.length);
    int channels = counts.length;
    ChannelSums result =
        new ChannelSums(new long[channels], new long[channels], new long[channels]);
    for (int c = 0; c < channels; c++) {
      result.counts[c] = counts[c] + other.counts[c];
      result.sums[c] = sums[c] + other.sums[c];
      result.squares[c] = squares[c] + other.squares[c];
    }
    return result;
  }
}
