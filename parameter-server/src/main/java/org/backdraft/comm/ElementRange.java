package org.backdraft.comm;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * A run of elements {@code [begin, end)} of an array, as one rank owns it.
 *
 * @param begin the first element, at least 0
 * @param end one past the last element, at least {@code begin}
 */
public record ElementRange(int begin, int end) implements Serializable {
  public ElementRange {
    Checks.argument(
        begin >= 0 && begin <= end,
        "A range must satisfy 0 <= begin <= end: got [%d, %d).",
        begin,
        end);
  }

  /** The number of elements. */
  public int size() {
    return end - begin;
  }
}
