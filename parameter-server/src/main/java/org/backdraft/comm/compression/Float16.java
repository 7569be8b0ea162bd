package org.backdraft.comm.compression;

/**
 * Conversion between float32 and the 16-bit formats, rounding to the nearest, ties to even. The
 * JDK's own ({@code Float.floatToFloat16}) is younger than Java 17.
 *
 * <p><b>Source</b>: IEEE 754-2019, §3.6 (binary16), §4.3.1; bfloat16 is the upper half of binary32.
 */
final class Float16 {
  private static final int MAGNITUDE = 0x7fffffff;
  private static final int INFINITY = 0x7f800000; // of float32
  private static final int OVERFLOW = 0x47800000; // 2^16, above every float16
  private static final int LEAST_NORMAL = 0x38800000; // 2^-14, below it float16 is subnormal
  private static final int REBIAS = (127 - 15) << 23; // between the biases of the exponents

  private Float16() {}

  /**
   * The binary16 nearest to {@code x}, in the low 16 bits: from 65520 on an infinity, below 2^-25 a
   * zero. A NaN stays one, with the upper bits of its payload, quiet.
   */
  static int toBinary16(float x) {
    int bits = Float.floatToRawIntBits(x);
    int magnitude = bits & MAGNITUDE;
    int rounded;
    if (magnitude >= OVERFLOW) {
      rounded = magnitude > INFINITY ? 0x7e00 | ((magnitude >> 13) & 0x3ff) : 0x7c00;
    } else {
      int normal = (magnitude - REBIAS + 0xfff + ((magnitude >> 13) & 1)) >> 13;
      // The sum's last bit is worth 2^-24, a unit of the subnormal numbers; the addition rounds.
      int subnormal = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3f000000;
      rounded = selected(magnitude - LEAST_NORMAL, subnormal, normal);
    }
    return ((bits >>> 16) & 0x8000) | rounded;
  }

  /**
   * The float32 that a binary16 is, exactly.
   *
   * @param half its bits in the low 16; the others are ignored
   */
  static float ofBinary16(int half) {
    int magnitude = half & 0x7fff;
    int bits = (magnitude << 13) + REBIAS;
    int special = bits + (magnitude >= 0x7c00 ? REBIAS : 0);
    int subnormal = Float.floatToRawIntBits(magnitude * 0x1p-24f);
    int chosen = selected(magnitude - 0x400, subnormal, special);
    return Float.intBitsToFloat(((half & 0x8000) << 16) | chosen);
  }

  /** {@code sign < 0 ? ifNegative : otherwise}, without a branch that gradients would mislead. */
  private static int selected(int sign, int ifNegative, int otherwise) {
    return otherwise ^ ((otherwise ^ ifNegative) & (sign >> 31));
  }

  /**
   * The bfloat16 nearest to {@code x}, in the low 16 bits: an infinity where x is nearer to 2^128
   * than to the largest bfloat16. A NaN stays one, with the upper bits of its payload, quiet.
   */
  static int toBfloat16(float x) {
    int bits = Float.floatToRawIntBits(x);
    int rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
    return (bits & MAGNITUDE) > INFINITY ? (bits >>> 16) | 0x40 : rounded;
  }

  /**
   * The float32 that a bfloat16 is, exactly.
   *
   * @param half its bits in the low 16; the others are ignored
   */
  static float ofBfloat16(int half) {
    return Float.intBitsToFloat(half << 16);
  }
}
