package org.backdraft.comm.compression;

import java.util.Arrays;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Eight bits a value and a scale for each block of {@value ParameterBlocks#SIZE}: with the block's
 * largest magnitude m, s = m/127, a value x is sent as q = x/s rounded to the nearest integer, ties
 * to even, and decoded as q·s. So |x − q·s| ≤ s/2 but for rounding of the last bit.
 *
 * <p>Rounding is to the nearest and not at random: what is lost comes back by error feedback, so
 * its mean matters no more, and the result repeats itself. Where m is below 2^-100 the block is
 * sent as zeros, since m/127 would lose bits.
 *
 * <p><b>Size</b>: for each block one float for s, then four values to a float: n·(1/4 + 1/4096).
 *
 * <p><b>Source</b>: Alistarh et al. 2017, <em>QSGD: communication-efficient SGD via gradient
 * quantization and encoding</em>, §4 (a scale for each bucket; by the largest magnitude); nearest
 * rounding with error feedback as Karimireddy et al. 2019, <em>Error feedback fixes SignSGD and
 * other gradient compression schemes</em>.
 */
final class Int8Codec implements Codec {
  private static final int BLOCK = ParameterBlocks.SIZE;
  private static final int LEVELS = 127;
  private static final int MAGNITUDE = 0x7fffffff;
  private static final int INFINITY = 0x7f800000;
  private static final float LEAST = 0x1p-100f;

  /** 1.5·2^23: after its addition the last bits of a float are those of an integer. */
  private static final float ROUNDING = 0x1.8p23f;

  @Override
  public int encodedLength(int length) {
    int whole = length / BLOCK;
    int rest = length % BLOCK;
    return whole * (1 + BLOCK / 4) + (rest == 0 ? 0 : 1 + words(rest));
  }

  private static int words(int length) {
    return (length + 3) / 4;
  }

  @Override
  public void encode(float[] values, int begin, int length, float[] encoded, int at) {
    int to = at;
    for (int from = 0; from < length; from += BLOCK) {
      int size = Math.min(BLOCK, length - from);
      encodeBlock(values, begin + from, size, encoded, to);
      to += 1 + words(size);
    }
  }

  private static void encodeBlock(float[] values, int begin, int size, float[] encoded, int at) {
    int bits = largestMagnitude(values, begin, size);
    float largest = Float.intBitsToFloat(bits);
    boolean finite = bits < INFINITY;
    boolean sent = finite && largest >= LEAST;
    encoded[at] = sent ? largest / LEVELS : finite ? 0 : Float.NaN;
    float inverse = sent ? LEVELS / largest : 0;
    if (!sent) {
      Arrays.fill(encoded, at + 1, at + 1 + words(size), 0);
      return;
    }
    int whole = size / 4;
    for (int i = 0; i < whole; i++) {
      int from = begin + 4 * i;
      int word =
          quantized(values[from], inverse)
              | (quantized(values[from + 1], inverse) << 8)
              | (quantized(values[from + 2], inverse) << 16)
              | (quantized(values[from + 3], inverse) << 24);
      encoded[at + 1 + i] = Float.intBitsToFloat(word);
    }
    if (4 * whole < size) {
      int word = 0;
      for (int i = 4 * whole; i < size; i++) {
        word |= quantized(values[begin + i], inverse) << (8 * (i % 4));
      }
      encoded[at + 1 + whole] = Float.intBitsToFloat(word);
    }
  }

  /** The low 8 bits of x·inverse rounded to an integer, |x·inverse| at most a little above 127. */
  private static int quantized(float x, float inverse) {
    return Float.floatToRawIntBits(x * inverse + ROUNDING) & 0xff;
  }

  /** The largest magnitude as bits; that of a NaN is above infinity's. */
  private static int largestMagnitude(float[] values, int begin, int size) {
    int m0 = 0;
    int m1 = 0;
    int m2 = 0;
    int m3 = 0;
    int whole = begin + size / 4 * 4;
    for (int i = begin; i < whole; i += 4) {
      m0 = Math.max(m0, Float.floatToRawIntBits(values[i]) & MAGNITUDE);
      m1 = Math.max(m1, Float.floatToRawIntBits(values[i + 1]) & MAGNITUDE);
      m2 = Math.max(m2, Float.floatToRawIntBits(values[i + 2]) & MAGNITUDE);
      m3 = Math.max(m3, Float.floatToRawIntBits(values[i + 3]) & MAGNITUDE);
    }
    for (int i = whole; i < begin + size; i++) {
      m0 = Math.max(m0, Float.floatToRawIntBits(values[i]) & MAGNITUDE);
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  @Override
  public void addDecoded(
      float[] encoded, int at, float[] target, int begin, int length, float sign) {
    int source = at;
    for (int from = 0; from < length; from += BLOCK) {
      int size = Math.min(BLOCK, length - from);
      float scale = sign * encoded[source];
      addBlock(encoded, source + 1, target, begin + from, size, scale);
      source += 1 + words(size);
    }
  }

  private static void addBlock(
      float[] encoded, int at, float[] target, int begin, int size, float scale) {
    int whole = size / 4;
    for (int i = 0; i < whole; i++) {
      int word = Float.floatToRawIntBits(encoded[at + i]);
      int to = begin + 4 * i;
      target[to] += scale * (byte) word;
      target[to + 1] += scale * (byte) (word >> 8);
      target[to + 2] += scale * (byte) (word >> 16);
      target[to + 3] += scale * (word >> 24);
    }
    for (int i = 4 * whole; i < size; i++) {
      int word = Float.floatToRawIntBits(encoded[at + whole]);
      target[begin + i] += scale * (byte) (word >> (8 * (i % 4)));
    }
  }

  @Override
  public boolean needsFeedback() {
    return true;
  }
}
