package org.backdraft.nn;

/** What an operation touches in one direction of a pass: how a plan may order its run. */
public enum Scope {
  /** Nothing: it does not run in this direction. */
  NOTHING,
  /**
   * Examples, each by itself: thread t reads and writes values and gradients of the examples in
   * {@code [pass.begin(t), pass.end(t))} alone. Neighbours of this kind run without waiting for
   * other threads, a few examples at a time, so that one finds in the cache what the other left.
   */
  EXAMPLES,
  /** All examples: every thread waits for all others before and after it. */
  BATCH,
  /**
   * Sums over all examples of gradients of parameters, which no other operation of the pass reads:
   * neighbours of kind {@link #EXAMPLES} may run first.
   */
  SUMS
}
