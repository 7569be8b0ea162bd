package org.backdraft.tensor;

import java.io.Serializable;
import java.util.Arrays;
import java.util.StringJoiner;

/**
 * The logical dims of a tensor, outermost first; immutable.
 *
 * <p>An activation's shape is that of <em>one example</em>: {@code (channels, h, w)} for an image,
 * {@code (channels, d, h, w)} for a volume, {@code (features)} for a vector. Filters are {@code
 * (outChannels, inChannels, h, w)} or {@code (outChannels, inChannels, d, h, w)}. How a tensor lies
 * in memory is no business of its shape: see {@link ActivationLayout}.
 */
public final class Shape implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int[] dims;

  private Shape(int[] dims) {
    this.dims = dims;
  }

  /**
   * A shape of the given dims.
   *
   * @throws IllegalArgumentException if a dim is below 1 or the number of elements passes 2^31 − 1
   */
  public static Shape of(int... dims) {
    long elements = 1;
    for (int dim : dims) {
      Checks.argument(dim >= 1, "Every dim must be at least 1: got %s.", Arrays.toString(dims));
      elements *= dim;
      Checks.argument(
          elements <= Integer.MAX_VALUE,
          "A tensor must have at most 2^31 - 1 elements: got %s.",
          Arrays.toString(dims));
    }
    return new Shape(dims.clone());
  }

  /** The number of axes. */
  public int dims() {
    return dims.length;
  }

  /** The size along {@code axis}, which lies in [0, dims). */
  public int dim(int axis) {
    return dims[axis];
  }

  /** The number of elements: the product of the dims. */
  public int elements() {
    int elements = 1;
    for (int dim : dims) {
      elements *= dim;
    }
    return elements;
  }

  /** Whether this is the shape {@code (channels, h, w)} of an image. */
  public boolean isImage() {
    return dims.length == 3;
  }

  /**
   * Whether this is the shape {@code (channels, d, h, w)} of a volume: a clip, a stack of slices.
   */
  public boolean isVolume() {
    return dims.length == 4;
  }

  /** Whether this is the shape {@code (features)} of a vector. */
  public boolean isVector() {
    return dims.length == 1;
  }

  /** A copy of the dims. */
  public int[] toArray() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As users write it: {@code (1, 28, 28)}. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "(", ")");
    for (int dim : dims) {
      text.add(Integer.toString(dim));
    }
    return text.toString();
  }
}
