package org.backdraft.plan;

/**
 * Told during a backward pass how far the sums of gradients are final: since the pass goes from the
 * last layer to the first and parameters lie in the order of the layers, they are so from the end
 * on. Called by the thread that runs the pass, between its sections: should be quick.
 *
 * <p>Where a batch is computed in pieces, the pass is that of the last one.
 */
@FunctionalInterface
public interface GradientListener {
  /** For who waits for the whole pass. */
  GradientListener NONE = begin -> {};

  /**
   * Elements {@code [begin, parameters)} of all arrays of {@link Replica#sums} are final: the pass
   * neither writes nor reads them any more.
   *
   * @param begin smaller than in the call before; 0 in the last call of a pass, if there are
   *     parameters
   */
  void finalFrom(int begin);
}
