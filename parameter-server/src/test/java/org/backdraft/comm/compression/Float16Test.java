package org.backdraft.comm.compression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class Float16Test {
  private static final int SIGN = 0x8000;

  /** What a binary16 is, by the definition of IEEE 754. */
  private static double binary16(int half) {
    return value(half, 10, 15);
  }

  private static double bfloat16(int half) {
    return value(half, 7, 127);
  }

  private static double value(int half, int fractionBits, int bias) {
    double sign = (half & SIGN) == 0 ? 1 : -1;
    int exponent = (half & 0x7fff) >> fractionBits;
    int fraction = half & ((1 << fractionBits) - 1);
    int most = 0x7fff >> fractionBits;
    double ulp = StrictMath.pow(2, Math.max(1, exponent) - bias - fractionBits);
    if (exponent == most) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return sign * ulp * (fraction + (exponent == 0 ? 0 : 1 << fractionBits));
  }

  @Test
  void allHalvesAreWhatTheirBitsSay() {
    for (int half = 0; half <= 0xffff; half++) {
      assertSame(half, binary16(half), Float16.ofBinary16(half));
      assertSame(half, bfloat16(half), Float16.ofBfloat16(half));
      assertSame(half, binary16(half), Float16.ofBinary16(0xabcd0000 | half));
    }
  }

  private static void assertSame(int half, double expected, float found) {
    if (Double.compare(expected, found) != 0) {
      throw new AssertionError(
          "%04x must be %s: got %s".formatted(half, Double.toString(expected), found));
    }
  }

  @Test
  void allHalvesComeBackWithTheirBits() {
    for (int half = 0; half <= 0xffff; half++) {
      if (!Double.isNaN(binary16(half))) {
        assertThat(Float16.toBinary16(Float16.ofBinary16(half))).isEqualTo(half);
      }
      if (!Double.isNaN(bfloat16(half))) {
        assertThat(Float16.toBfloat16(Float16.ofBfloat16(half)) & 0xffff).isEqualTo(half);
      }
    }
  }

  /**
   * Between two neighbours the middle goes to the even one and the floats beside it to the nearer
   * one; rounding never decreases, so this says what every float becomes.
   */
  @Test
  void binary16RoundsToTheNearestAndTiesToEven() {
    for (int low = 0; low < 0x7c00; low++) {
      checkNeighbours(low, 65536, Float16Test::binary16, Float16::toBinary16);
    }
  }

  @Test
  void bfloat16RoundsToTheNearestAndTiesToEven() {
    for (int low = 0; low < 0x7f80; low++) {
      checkNeighbours(low, 0x1p128, Float16Test::bfloat16, x -> Float16.toBfloat16(x) & 0xffff);
    }
  }

  /** A conversion under test. */
  private interface Shortening {
    int of(float x);
  }

  /**
   * @param beyond what infinity counts as for rounding: the value that would follow the largest
   */
  private static void checkNeighbours(
      int low, double beyond, IntToDoubleFunction value, Shortening shortening) {
    double upper = value.applyAsDouble(low + 1);
    double middle = (value.applyAsDouble(low) + (Double.isInfinite(upper) ? beyond : upper)) / 2;
    float tie = (float) middle;
    assertThat((double) tie).isEqualTo(middle);
    int even = low % 2 == 0 ? low : low + 1;
    for (int sign : new int[] {0, SIGN}) {
      float direction = sign == 0 ? 1 : -1;
      check(low, even | sign, direction * tie, shortening);
      check(low, (low + 1) | sign, direction * Math.nextUp(tie), shortening);
      check(low, low | sign, direction * Math.nextDown(tie), shortening);
    }
  }

  private static void check(int low, int expected, float x, Shortening shortening) {
    int found = shortening.of(x);
    if (found != expected) {
      throw new AssertionError(
          "%s, above %04x, must become %04x: got %04x".formatted(x, low, expected, found));
    }
  }

  @Test
  void theEndsOfTheRangeAreIeees() {
    assertThat(Float16.toBinary16(65504)).isEqualTo(0x7bff);
    assertThat(Float16.toBinary16(Math.nextDown(65520f))).isEqualTo(0x7bff);
    assertThat(Float16.toBinary16(65520)).isEqualTo(0x7c00);
    assertThat(Float16.toBinary16(-Float.MAX_VALUE)).isEqualTo(0xfc00);
    assertThat(Float16.toBinary16(Float.POSITIVE_INFINITY)).isEqualTo(0x7c00);
    assertThat(Float16.toBinary16(0x1p-25f)).isZero();
    assertThat(Float16.toBinary16(Math.nextUp(0x1p-25f))).isEqualTo(1);
    assertThat(Float16.toBinary16(-0f)).isEqualTo(SIGN);
    assertThat(Float16.toBinary16(Float.MIN_VALUE)).isZero();
    assertThat(Float16.toBfloat16(Float.MAX_VALUE) & 0xffff).isEqualTo(0x7f80);
    assertThat(Float16.toBfloat16(Float.NEGATIVE_INFINITY) & 0xffff).isEqualTo(0xff80);
  }

  @Test
  void noNaNBecomesAnInfinity() {
    for (int bits : new int[] {0x7f800001, 0x7fc00000, 0xffc12345, 0x7fffffff, 0xffffffff}) {
      float nan = Float.intBitsToFloat(bits);
      assertThat(binary16(Float16.toBinary16(nan))).isNaN();
      assertThat(bfloat16(Float16.toBfloat16(nan) & 0xffff)).isNaN();
    }
  }
}
