package org.backdraft.nn;

/**
 * A layer, or a part of one, compiled for one plan: its kernels chosen, its memory laid out.
 *
 * <p>Every method is called by all threads of a team at once, each with its own number, and does
 * that thread's share of the work. Shares never decide a bit: whatever thread computes an element,
 * it is computed by the same chain of operations. All threads finish a method before the next one
 * starts, save where {@link #scope} says that they need not.
 */
public interface Operation {
  /** Brings parameters into the form that the kernels read; before every pass. */
  default void prepare(Pass pass, int thread) {}

  /** Writes the output of every example. */
  default void forward(Pass pass, int thread) {}

  /**
   * Reads the output's gradient, <em>writes</em> (never adds to) the gradients of the inputs that
   * want one, and leaves the sums of parameter gradients in {@link Pass#sums} or, per leaf, in the
   * workspace. May overwrite the output's gradient.
   */
  default void backward(Pass pass, int thread) {}

  /**
   * Adds what is left per leaf over the tree of leaves; some time after {@link #backward}, while
   * other operations' run. Only called where {@link #finishes} says so.
   */
  default void finish(Pass pass, int thread) {}

  /** Whether sums are final after {@link #finish}; else they are after {@link #backward}. */
  default boolean finishes() {
    return false;
  }

  /**
   * How many floats, from the first of {@link Pass#batchSums} on, are to be added over all leaves
   * of the global batch in training, after this direction of the operation and before anything else
   * runs. All workers do so together, in the same order. Only with {@link Scope#BATCH}; mostly 0.
   */
  default int batchSums(boolean backward) {
    return 0;
  }

  /**
   * Takes over statistics of a whole global batch; called by one thread.
   *
   * @param sum statistics start at {@link OperationContext#statisticsBegin}
   * @param examples of the global batch
   */
  default void update(float[] sum, float examples, float[] buffers) {}

  /**
   * Writes the statistics that a training pass has normalized its global batch with, each where the
   * running one lies; called by one thread after a forward pass. Statistics of leaves stay out.
   *
   * @param statistics in the order of the buffers
   */
  default void statistics(Pass pass, float[] statistics) {}

  /**
   * What a direction of the pass touches. Forward and backward of kind {@link Scope#EXAMPLES} may
   * be called several times in a pass, each time for a few examples.
   *
   * @param backward which direction is asked about
   */
  default Scope scope(boolean backward) {
    return Scope.EXAMPLES;
  }
}
