package org.backdraft.optim;

/**
 * A function of weights that is to be made small.
 *
 * @param <E> why an evaluation can fail
 */
public interface Objective<E extends Exception> {
  /**
   * The value at some weights.
   *
   * @param gradient written
   */
  double at(float[] weights, float[] gradient) throws E;

  /** Whether there may be another evaluation; asked after each. */
  boolean goesOn() throws E;

  /**
   * Whether a search may take another direction; asked between two of them, where what it has is
   * what {@link QuasiNewtonSearch#saved} tells.
   */
  default boolean turns() throws E {
    return true;
  }
}
