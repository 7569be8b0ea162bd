package org.backdraft.optim;

/**
 * A line search for the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6
 * with cubic interpolation, equation 3.59), with the rules by which PyTorch's {@code LBFGS} chooses
 * and ends. Used by one thread.
 */
final class StrongWolfe<E extends Exception> {
  private static final double C1 = 1e-4;
  private static final double C2 = 0.9;
  private static final double LEAST_CHANGE = 1e-9;
  private static final int MOST_EVALUATIONS = 25;

  /** Evaluates along the line. */
  interface Line<E extends Exception> {
    /** A point {@code size} along the direction; null where no evaluation is left. */
    Point at(double size) throws E;
  }

  /**
   * A point of the line.
   *
   * @param size how far along the direction
   * @param slope of the value along the direction
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Point(double size, double value, double slope, float[] gradient) {}

  private final Line<E> line;
  private final Point start;
  private final double longest;
  private int evaluations;

  /**
   * @param start of the line, with a slope below 0
   * @param longest element of the direction
   */
  StrongWolfe(Line<E> line, Point start, double longest) {
    this.line = line;
    this.start = start;
    this.longest = longest;
  }

  /** The point that was found; null where evaluations came to an end before. */
  Point search(double first) throws E {
    Point before = start;
    Point now = line.at(first);
    evaluations = 0;
    while (now != null && evaluations < MOST_EVALUATIONS) {
      if (isTooHigh(now) || (evaluations > 1 && now.value() >= before.value())) {
        return zoom(before, now);
      }
      if (isFlat(now)) {
        return now;
      }
      if (now.slope() >= 0) {
        return zoom(before, now);
      }
      double least = now.size() + 0.01 * (now.size() - before.size());
      double next = minimum(before, now, least, 10 * now.size());
      before = now;
      now = line.at(next);
      evaluations++;
    }
    return now == null || start.value() > now.value() ? now : start;
  }

  private boolean isTooHigh(Point point) {
    return point.value() > start.value() + C1 * point.size() * start.slope();
  }

  private boolean isFlat(Point point) {
    return Math.abs(point.slope()) <= -C2 * start.slope();
  }

  /** Narrows the interval between two points; the lower one's end is the better. */
  private Point zoom(Point one, Point other) throws E {
    boolean isFirstLower = one.value() <= other.value();
    Point low = isFirstLower ? one : other;
    Point high = isFirstLower ? other : one;
    boolean wasNearBorder = false;
    while (evaluations < MOST_EVALUATIONS) {
      double left = Math.min(low.size(), high.size());
      double right = Math.max(low.size(), high.size());
      if ((right - left) * longest < LEAST_CHANGE) {
        break;
      }
      double size = minimum(low, high, left, right);
      double margin = 0.1 * (right - left);
      if (Math.min(right - size, size - left) < margin) {
        if (wasNearBorder || size >= right || size <= left) {
          size = Math.abs(size - right) < Math.abs(size - left) ? right - margin : left + margin;
          wasNearBorder = false;
        } else {
          wasNearBorder = true;
        }
      } else {
        wasNearBorder = false;
      }
      Point now = line.at(size);
      if (now == null) {
        return null;
      }
      evaluations++;
      if (isTooHigh(now) || now.value() >= low.value()) {
        high = now;
      } else {
        if (isFlat(now)) {
          return now;
        }
        if (now.slope() * (high.size() - low.size()) >= 0) {
          high = low;
        }
        low = now;
      }
    }
    return low;
  }

  /** Where the cubic through two points with their slopes is lowest, within bounds. */
  private static double minimum(Point a, Point b, double least, double most) {
    boolean isInOrder = a.size() <= b.size();
    Point left = isInOrder ? a : b;
    Point right = isInOrder ? b : a;
    double d1 =
        left.slope()
            + right.slope()
            - 3 * (left.value() - right.value()) / (left.size() - right.size());
    double square = d1 * d1 - left.slope() * right.slope();
    if (square < 0) {
      return (least + most) / 2;
    }
    double d2 = StrictMath.sqrt(square);
    double share = (right.slope() + d2 - d1) / (right.slope() - left.slope() + 2 * d2);
    double at = right.size() - (right.size() - left.size()) * share;
    return Math.min(Math.max(at, least), most);
  }
}
