package org.backdraft.nn;

/**
 * One run of a network over a local batch, as its operations see it: the arrays, and what is true
 * of the batch at hand. The same object serves every run of a replica.
 *
 * <p>Threads: all threads of the team read it at once; each operation writes only its own share of
 * the arrays.
 */
public interface Pass {
  /** Whether this is a training step (dropout, batch statistics, gradients), not an evaluation. */
  boolean training();

  /** Examples of the local batch, at least 0. */
  int examples();

  /** Examples of the global batch in training, over all workers. */
  int globalExamples();

  /** The first example that {@code thread} works on now, in an operation that deals examples. */
  int begin(int thread);

  /** One past the last of them. */
  int end(int thread);

  /**
   * The first local example of the worker's leaf number {@code leaf}, which counts from the
   * worker's first leaf; one past the last leaf gives {@link #examples}.
   */
  int leafBegin(int leaf);

  /** The worker's leaf that a local example belongs to. */
  int leafOf(int example);

  /** The array that a slot lies in. */
  float[] array(Slot slot);

  /** All parameters, in logical order. */
  float[] parameters();

  /** All buffers, in logical order. */
  float[] buffers();

  /** The array behind {@link OperationContext#workspace}. */
  float[] workspace();

  /** The array behind {@link OperationContext#winners}. */
  short[] winners();

  /** The sums of one subtree of the worker's leaves. */
  float[] sums(int subtree);

  /**
   * What an operation with {@link Operation#batchSums} wants added over the global batch, for one
   * subtree of the worker's leaves. The operation after it finds the sums in that of subtree 0.
   */
  float[] batchSums(int subtree);

  /** The run's seed. */
  long seed();

  /** The epoch of the batch, from 0. */
  long epoch();

  /** The id of a local example, which random numbers depend on. */
  long exampleId(int example);
}
