package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.fail;

/** Equality of floats by their bits, where one NaN equals another. */
final class Bits {
  private Bits() {}

  static void assertSame(float[] actual, float[] expected, Object what) {
    if (actual.length != expected.length) {
      fail("%s: length %d, expected %d", what, actual.length, expected.length);
    }
    for (int i = 0; i < expected.length; i++) {
      assertSame(actual[i], expected[i], what, i);
    }
  }

  static void assertSame(float actual, float expected, Object what, int index) {
    if (Float.floatToIntBits(actual) != Float.floatToIntBits(expected)) {
      fail("%s: element %d is %s, expected %s", what, index, actual, expected);
    }
  }

  /** Fails if an element outside {@code [begin, end)} differs. */
  static void assertUntouchedOutside(
      float[] actual, float[] before, int begin, int end, Object what) {
    for (int i = 0; i < before.length; i++) {
      if ((i < begin || i >= end)
          && Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(before[i])) {
        fail("%s: element %d outside [%d, %d) was written", what, i, begin, end);
      }
    }
  }
}
