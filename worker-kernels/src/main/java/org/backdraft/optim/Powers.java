package org.backdraft.optim;

/** Powers that allocate nothing, which those of {@link StrictMath} do on JDK 17. */
final class Powers {
  private Powers() {}

  /** {@code base^exponent} by squaring, in double: the same bits on every JVM. */
  static double of(double base, long exponent) {
    double result = 1;
    double square = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }
}
