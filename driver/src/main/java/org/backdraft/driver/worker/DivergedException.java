package org.backdraft.driver.worker;

/** The loss of a step is not finite; thrown by all ranks at the same step. */
final class DivergedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int layer;

  /**
   * @param layer place in the network of the first layer whose output on this rank is not finite,
   *     −1 where all are
   */
  DivergedException(long step, int layer) {
    super("The loss of step " + step + " (from 0) is not finite.");
    this.layer = layer;
  }

  int layer() {
    return layer;
  }
}
