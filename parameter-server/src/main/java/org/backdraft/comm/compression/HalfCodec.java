package org.backdraft.comm.compression;

/**
 * A format of 16 bits, two values in the room of one, the earlier one in the lower half.
 *
 * <p><b>Size</b>: n/2 floats, rounded up. No error feedback: rounding to even loses as often
 * upwards as downwards.
 */
abstract sealed class HalfCodec implements Codec {
  /** The value nearest to {@code x}, in the low 16 bits; the others are 0. */
  abstract int shorten(float x);

  /** What the low 16 bits are; the others are ignored. */
  abstract float widen(int half);

  @Override
  public final int encodedLength(int length) {
    return (length + 1) / 2;
  }

  @Override
  public final void encode(float[] values, int begin, int length, float[] encoded, int at) {
    int pairs = length / 2;
    for (int i = 0; i < pairs; i++) {
      int low = shorten(values[begin + 2 * i]);
      int high = shorten(values[begin + 2 * i + 1]);
      encoded[at + i] = Float.intBitsToFloat((high << 16) | low);
    }
    if (length % 2 == 1) {
      encoded[at + pairs] = Float.intBitsToFloat(shorten(values[begin + length - 1]));
    }
  }

  @Override
  public final void addDecoded(
      float[] encoded, int at, float[] target, int begin, int length, float sign) {
    int pairs = length / 2;
    for (int i = 0; i < pairs; i++) {
      int pair = Float.floatToRawIntBits(encoded[at + i]);
      target[begin + 2 * i] += sign * widen(pair);
      target[begin + 2 * i + 1] += sign * widen(pair >>> 16);
    }
    if (length % 2 == 1) {
      target[begin + length - 1] += sign * widen(Float.floatToRawIntBits(encoded[at + pairs]));
    }
  }

  @Override
  public final boolean needsFeedback() {
    return false;
  }

  /**
   * IEEE half precision: a relative error of at most 2^-11 from 2^-14 to 65504, an absolute one of
   * 2^-25 below; 65520 and more become an infinity.
   */
  static final class Binary16 extends HalfCodec {
    @Override
    int shorten(float x) {
      return Float16.toBinary16(x);
    }

    @Override
    float widen(int half) {
      return Float16.ofBinary16(half);
    }
  }

  /** Bfloat16: a relative error of at most 2^-8 over the range of normal float32. */
  static final class Bfloat16 extends HalfCodec {
    @Override
    int shorten(float x) {
      return Float16.toBfloat16(x) & 0xffff;
    }

    @Override
    float widen(int half) {
      return Float16.ofBfloat16(half);
    }
  }
}
