package org.backdraft.nn;

import org.backdraft.tensor.ActivationLayout;

/**
 * Where one value (or one gradient) of every example of a local batch lies: example i starts at
 * {@code offset + i · layout.size()} of its area.
 *
 * @param area which array of the {@link Pass} holds it
 * @param offset of example 0
 * @param layout of one example
 */
public record Slot(Area area, int offset, ActivationLayout layout) {
  /** The arrays that a slot may lie in. */
  public enum Area {
    /** The batch's own array, in dense layout, never written. */
    INPUT,
    /** Outputs of nodes, after as many zeros as the widest pixel is long. */
    VALUE,
    /**
     * Gradients of the loss with respect to outputs of nodes, one for each use of an output, after
     * as many zeros as the widest pixel is long.
     */
    GRADIENT
  }

  /** The offset of an example. */
  public int base(int example) {
    return offset + example * layout.size();
  }
}
