package org.backdraft.kernel;

/**
 * How the right operand of a matrix product is packed: panels of {@link Kernels#LANES} columns, in
 * each the taps, in each the {@code depth} rows of one panel's lanes. Element {@code (t, k,
 * column)} lies at {@link #index}; lanes past {@code columns} are padding (finite values that never
 * reach a logical element).
 *
 * @param taps filter positions, 1 for a linear layer
 * @param depth rows per tap
 * @param columns logical columns
 */
public record PanelLayout(int taps, int depth, int columns) {
  /** The number of panels: columns / 16, rounded up. */
  public int panels() {
    return (columns + Kernels.LANES - 1) / Kernels.LANES;
  }

  /** Floats of one panel. */
  public int panelSize() {
    return taps * depth * Kernels.LANES;
  }

  /** Floats of the whole packed matrix. */
  public int size() {
    return panels() * panelSize();
  }

  /** The offset of element {@code (tap, k, column)}. */
  public int index(int tap, int k, int column) {
    return column / Kernels.LANES * panelSize()
        + (tap * depth + k) * Kernels.LANES
        + column % Kernels.LANES;
  }
}
