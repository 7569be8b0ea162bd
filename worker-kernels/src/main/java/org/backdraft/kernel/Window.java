package org.backdraft.kernel;

import java.io.Serializable;
import java.util.function.UnaryOperator;

/**
 * The sliding window of a convolution or pooling over volumes; over images, which are volumes of
 * depth 1, it is {@link WindowAxis#POINT} along the depth.
 *
 * <p>Its taps are numbered {@code (kz · kernelH + ky) · kernelW + kx}.
 */
public record Window(WindowAxis depth, WindowAxis height, WindowAxis width)
    implements Serializable {
  /** A window over images: rows (H), then columns (W) of kernel, stride, padding and dilation. */
  public Window(
      int kernelH,
      int kernelW,
      int strideH,
      int strideW,
      int paddingH,
      int paddingW,
      int dilationH,
      int dilationW) {
    this(
        WindowAxis.POINT,
        new WindowAxis(kernelH, strideH, paddingH, dilationH),
        new WindowAxis(kernelW, strideW, paddingW, dilationW));
  }

  /** A square dense window over images. */
  public static Window square(int kernel, int stride, int padding) {
    WindowAxis axis = new WindowAxis(kernel, stride, padding, 1);
    return new Window(WindowAxis.POINT, axis, axis);
  }

  /** A dense window over volumes with three equal sides. */
  public static Window cube(int kernel, int stride, int padding) {
    WindowAxis axis = new WindowAxis(kernel, stride, padding, 1);
    return new Window(axis, axis, axis);
  }

  /** The same with height and width changed. */
  public Window withImageAxes(UnaryOperator<WindowAxis> change) {
    return new Window(depth, change.apply(height), change.apply(width));
  }

  /** The same with all axes changed. */
  public Window withAxes(UnaryOperator<WindowAxis> change) {
    return new Window(change.apply(depth), change.apply(height), change.apply(width));
  }

  /** The number of filter positions. */
  public int taps() {
    return depth.kernel() * height.kernel() * width.kernel();
  }

  /** The place of a tap along the depth. */
  public int tapZ(int tap) {
    return tap / (height.kernel() * width.kernel());
  }

  /** The row of a tap. */
  public int tapY(int tap) {
    return tap / width.kernel() % height.kernel();
  }

  /** The column of a tap. */
  public int tapX(int tap) {
    return tap % width.kernel();
  }

  /** Whether it moves by one pixel along all axes. */
  public boolean hasUnitStride() {
    return depth.stride() == 1 && height.stride() == 1 && width.stride() == 1;
  }

  /** Whether its padding is smaller than its reach, as pooling needs it. */
  public boolean reachesPastPadding() {
    return depth.padding() <= depth.reach()
        && height.padding() <= height.reach()
        && width.padding() <= width.reach();
  }
}
