package org.backdraft.comm.compression;

import org.backdraft.tensor.ParameterBlocks;

/**
 * The sign of each value, and for each block of {@value ParameterBlocks#SIZE} the mean of the
 * values with either sign, which stands for all of them: the two numbers that give the least
 * squared error for these signs. Zeros count by their sign bit.
 *
 * <p><b>Size</b>: for each block two floats for the means, then 32 signs to a float: n·(1/32 +
 * 2/4096).
 *
 * <p><b>Source</b>: Seide et al. 2014, <em>1-bit stochastic gradient descent and its application to
 * data-parallel distributed training of speech DNNs</em>, §3.1, §3.2; blocks instead of the columns
 * of a matrix are our departure.
 */
final class OneBitCodec implements Codec {
  private static final int BLOCK = ParameterBlocks.SIZE;

  @Override
  public int encodedLength(int length) {
    int whole = length / BLOCK;
    int rest = length % BLOCK;
    return whole * (2 + BLOCK / 32) + (rest == 0 ? 0 : 2 + words(rest));
  }

  private static int words(int length) {
    return (length + 31) / 32;
  }

  @Override
  public void encode(float[] values, int begin, int length, float[] encoded, int at) {
    int to = at;
    for (int from = 0; from < length; from += BLOCK) {
      int size = Math.min(BLOCK, length - from);
      encodeBlock(values, begin + from, size, encoded, to);
      to += 2 + words(size);
    }
  }

  private static void encodeBlock(float[] values, int begin, int size, float[] encoded, int at) {
    double sum = 0;
    double magnitudes = 0;
    int negative = 0;
    for (int word = 0; word < words(size); word++) {
      int signs = 0;
      int from = begin + 32 * word;
      int count = Math.min(32, size - 32 * word);
      for (int i = 0; i < count; i++) {
        float x = values[from + i];
        signs |= (Float.floatToRawIntBits(x) >>> 31) << i;
        sum += x;
        magnitudes += Math.abs(x);
      }
      negative += Integer.bitCount(signs);
      encoded[at + 2 + word] = Float.intBitsToFloat(signs);
    }
    int positive = size - negative;
    encoded[at] = positive == 0 ? 0 : (float) ((magnitudes + sum) / 2 / positive);
    encoded[at + 1] = negative == 0 ? 0 : (float) ((sum - magnitudes) / 2 / negative);
  }

  @Override
  public void addDecoded(
      float[] encoded, int at, float[] target, int begin, int length, float sign) {
    int source = at;
    for (int from = 0; from < length; from += BLOCK) {
      int size = Math.min(BLOCK, length - from);
      addBlock(encoded, source, target, begin + from, size, sign);
      source += 2 + words(size);
    }
  }

  private static void addBlock(
      float[] encoded, int at, float[] target, int begin, int size, float sign) {
    int positive = Float.floatToRawIntBits(sign * encoded[at]);
    int flip = positive ^ Float.floatToRawIntBits(sign * encoded[at + 1]);
    for (int word = 0; word < words(size); word++) {
      int signs = Float.floatToRawIntBits(encoded[at + 2 + word]);
      int to = begin + 32 * word;
      int count = Math.min(32, size - 32 * word);
      for (int i = 0; i < count; i++) {
        // Without a branch, since signs are as good as random.
        target[to + i] += Float.intBitsToFloat(positive ^ (flip & -((signs >>> i) & 1)));
      }
    }
  }

  @Override
  public boolean needsFeedback() {
    return true;
  }
}
