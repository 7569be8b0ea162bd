package org.backdraft.nn;

import java.util.List;
import org.backdraft.leaf.LeafRange;

/**
 * One run of a network over a local batch, or over a piece of one, as its operations see it: the
 * arrays, and what is true of the examples at hand. The same object serves every run of a replica.
 *
 * <p>Threads: all threads of the team read it at once; each operation writes only its own share of
 * the arrays.
 */
public interface Pass {
  /** Whether this is a training step (dropout, batch statistics, gradients), not an evaluation. */
  boolean training();

  /** Examples at hand, at least 0. */
  int examples();

  /** Examples of the global batch in training, over all workers. */
  int globalExamples();

  /** The first example that {@code thread} works on now, in an operation that deals examples. */
  int begin(int thread);

  /** One past the last of them. */
  int end(int thread);

  /**
   * The nodes of the summation tree that a training step is over, as ranges of its leaves, which
   * are numbered from 0. Subtree s is summed into {@link #sums}(s).
   */
  List<LeafRange> subtrees();

  /**
   * The first example of leaf number {@code leaf}, which counts from the first leaf at hand; one
   * past the last leaf, and further up to the leaves that operations were compiled for, gives
   * {@link #examples}.
   */
  int leafBegin(int leaf);

  /** The leaf at hand that an example belongs to. */
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

  /** The sums of one of {@link #subtrees}. */
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

  /** The labels of all examples at hand, one after the other: those of an example's pixels. */
  int label(int at);

  /** The second label of an example that is mixed of two; where it is not, the first. */
  int otherLabel(int at);

  /** What share the first label has, in [0, 1]; 1 where the example is not mixed. */
  float labelShare(int at);

  /** Whether examples have numbers that outputs are compared with, instead of labels. */
  boolean hasTargets();

  /** The numbers of all examples, if {@link #hasTargets}. */
  float[] targets();

  /** Where those of an example begin in {@link #targets}. */
  int targetBase(int example);

  /** The id of an example, which random numbers depend on. */
  long exampleId(int example);
}
