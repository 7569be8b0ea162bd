package org.backdraft.kernel;

/**
 * How adaptive pooling cuts one axis: window i covers {@code [⌊i · in / out⌋, ⌈(i + 1) · in /
 * out⌉)}, PyTorch's rule. Windows may share an element at their borders; none is empty.
 *
 * @param in elements of the axis, at least 1
 * @param out windows, at least 1
 */
public record AdaptiveAxis(int in, int out) {
  /** The first element of a window. */
  public int begin(int window) {
    return (int) ((long) window * in / out);
  }

  /** One past the last element of a window. */
  public int end(int window) {
    return (int) (((window + 1L) * in + out - 1) / out);
  }

  /** Elements of the largest window. */
  public int largest() {
    int largest = 0;
    for (int window = 0; window < out; window++) {
      largest = Math.max(largest, end(window) - begin(window));
    }
    return largest;
  }
}
