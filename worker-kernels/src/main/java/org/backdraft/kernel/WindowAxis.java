package org.backdraft.kernel;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * A {@link Window} along one axis. Padding is the same on both sides.
 *
 * @param kernel taps
 * @param stride input positions from one output position to the next
 * @param padding positions before the first and behind the last
 * @param dilation positions from one tap to the next, 1 for a dense window
 */
public record WindowAxis(int kernel, int stride, int padding, int dilation)
    implements Serializable {
  /** An axis along which the window does not reach: each position for itself. */
  public static final WindowAxis POINT = new WindowAxis(1, 1, 0, 1);

  public WindowAxis {
    Checks.argument(
        kernel >= 1 && stride >= 1 && dilation >= 1 && padding >= 0,
        "A window needs kernel, stride and dilation >= 1 and padding >= 0: got kernel %d, stride"
            + " %d, padding %d, dilation %d.",
        kernel,
        stride,
        padding,
        dilation);
  }

  /** The same with another stride. */
  public WindowAxis withStride(int stride) {
    return new WindowAxis(kernel, stride, padding, dilation);
  }

  /** The same with another padding. */
  public WindowAxis withPadding(int padding) {
    return new WindowAxis(kernel, stride, padding, dilation);
  }

  /** The same with another dilation. */
  public WindowAxis withDilation(int dilation) {
    return new WindowAxis(kernel, stride, padding, dilation);
  }

  /** Positions from the first tap to the last. */
  public int reach() {
    return dilation * (kernel - 1);
  }

  /**
   * Output positions for {@code extent} input positions: ⌊(n + 2p − d(k−1) − 1) / s⌋ + 1; below 1
   * if no window fits.
   */
  public int outputs(int extent) {
    return Math.floorDiv(extent + 2 * padding - reach() - 1, stride) + 1;
  }

  /**
   * Output positions in PyTorch's ceil mode: ⌈(n + 2p − d(k−1) − 1) / s⌉ + 1, less one where the
   * last window would start in the padding behind the input.
   */
  public int ceilOutputs(int extent) {
    int windows = Math.floorDiv(extent + 2 * padding - reach() - 1 + stride - 1, stride) + 1;
    return (windows - 1) * stride >= extent + padding ? windows - 1 : windows;
  }

  /** The input position of the first tap of output {@code position}; in the padding if negative. */
  public int origin(int position) {
    return position * stride - padding;
  }

  /** The first tap of output {@code position} that lies in the input, or the number of taps. */
  public int firstTap(int position) {
    int origin = origin(position);
    return origin >= 0 ? 0 : Math.min(kernel, (-origin + dilation - 1) / dilation);
  }

  /** One past the last tap of output {@code position} that lies in the input of that extent. */
  public int tapEnd(int position, int extent) {
    int origin = origin(position);
    return origin >= extent ? 0 : Math.min(kernel, (extent - origin + dilation - 1) / dilation);
  }

  /**
   * How many taps of output {@code position} lie in the input of that extent or in its padding: all
   * of them, save in ceil mode.
   */
  public int covered(int position, int extent) {
    return Math.min(kernel, (extent + padding - origin(position) + dilation - 1) / dilation);
  }

  /**
   * The output position whose tap lies on input {@code position}, which may lie outside of the
   * output; −1 if the stride steps over it.
   */
  public int output(int position, int tap) {
    int distance = position + padding - tap * dilation;
    return distance % stride == 0 ? distance / stride : -1;
  }
}
