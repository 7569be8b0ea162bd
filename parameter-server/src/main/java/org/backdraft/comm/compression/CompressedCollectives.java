package org.backdraft.comm.compression;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * Collectives that sum gradients in a shorter form, and do all else as those that they decorate.
 * <b>Not exact</b>: the sum depends on the form, on the number of ranks and on how a step is cut
 * into ranges. What all ranks get is the same on all, bit for bit, so their weights stay equal, and
 * a run with the same configuration and number of ranks repeats itself.
 *
 * <p>Elements below {@code gradients} are summed as {@link CompressedExchange} says; those from
 * there on (statistics, loss, counts) are summed exactly. An {@link #allGather} moves parameters,
 * or sums, as they are: were they shortened too, owners would hold other weights than the rest.
 *
 * <p>Call {@link #startStep} before a step's first sum. What error feedback owes is in units of the
 * sum over a batch; a shorter batch, whose sum is divided by less, is owed less.
 *
 * <p><b>Threads</b>: used by one thread, the one that uses the transport.
 */
public final class CompressedCollectives implements Collectives {
  /** Elements that a gang exchanges at once; see {@code docs/algorithms.md}. */
  private static final int SEGMENT = 1 << 20;

  private final Collectives exact;
  private final int worldSize;
  private final int gradients;
  private final ErrorFeedback feedback;
  private final CompressedExchange exchange;
  private int examples;

  /**
   * @param transport that {@code exact} uses too
   * @param exact owns elements and does what is not compressed
   * @param codec of this rank alone; of one kind on all ranks
   * @param gradients how many elements, from the first, may lose bits; the same on all ranks
   */
  public CompressedCollectives(
      Transport transport, Adder adder, Collectives exact, Codec codec, int gradients) {
    this(transport, adder, exact, codec, gradients, SEGMENT);
  }

  /** With another segment, so that tests reach many pieces with little data. */
  CompressedCollectives(
      Transport transport,
      Adder adder,
      Collectives exact,
      Codec codec,
      int gradients,
      int segment) {
    Checks.argument(
        gradients >= 0, "The number of compressed elements must be >= 0: got %d.", gradients);
    this.exact = exact;
    this.gradients = gradients;
    worldSize = transport.context().worldSize();
    feedback = new ErrorFeedback(codec, adder, worldSize == 1 ? 0 : gradients);
    exchange = new CompressedExchange(transport, adder, exact, codec, feedback, segment);
  }

  /**
   * Begins a step.
   *
   * @param examples of the global batch, at least 1
   */
  public void startStep(int examples) {
    if (examples < 1) {
      throw new IllegalArgumentException(
          "A step must have at least one example: got " + examples + ".");
    }
    if (this.examples != 0 && this.examples != examples) {
      feedback.scale((float) examples / this.examples);
    }
    this.examples = examples;
  }

  /**
   * What is owed of each gradient: the state that a checkpoint keeps besides the optimizer's. The
   * live array, in units of the sum over {@link #examples}; empty where the codec owes nothing.
   */
  public float[] residuals() {
    return feedback.residuals();
  }

  /** The examples of the last step, 0 before the first. */
  public int examples() {
    return examples;
  }

  /**
   * Goes on after a step, when its {@link #residuals} are back in their place.
   *
   * @param lastExamples of that step, 0 for none
   */
  public void goOnAfter(int lastExamples) {
    examples = lastExamples;
  }

  @Override
  public void reduceScatter(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {
    int border = border(begin, end);
    if (worldSize == 1 || border == begin) {
      exact.reduceScatter(leaves, sums, begin, end, step);
      return;
    }
    check(sums, begin, end);
    exchange.run(sums, begin, end, border, step);
    if (border < end) {
      // Whoever owns these elements has their sum then, and so have all others.
      exact.allReduce(leaves, sums, border, end, step);
    }
  }

  @Override
  public void allReduce(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {
    if (worldSize == 1 || border(begin, end) == begin) {
      exact.allReduce(leaves, sums, begin, end, step);
      return;
    }
    reduceScatter(leaves, sums, begin, end, step);
    exact.allGather(sums[0], begin, end, step);
  }

  /** Where, in a range, the elements begin that keep all their bits. */
  private int border(int begin, int end) {
    return Math.max(begin, Math.min(end, gradients));
  }

  private static void check(float[][] sums, int begin, int end) {
    for (float[] sum : sums) {
      if (begin < 0 || begin > end || end > sum.length) {
        throw new IllegalArgumentException(
            "A collective's range must lie in its arrays: got [%d, %d) of %d elements."
                .formatted(begin, end, sum.length));
      }
    }
  }

  @Override
  public void allGather(float[] values, int begin, int end, long step) throws CollectiveException {
    exact.allGather(values, begin, end, step);
  }

  @Override
  public ElementRange owned(int rank, int begin, int end) {
    return exact.owned(rank, begin, end);
  }

  @Override
  public void broadcast(int root, float[] values, int begin, int end, long step)
      throws CollectiveException {
    exact.broadcast(root, values, begin, end, step);
  }

  @Override
  public void barrier(long step) throws CollectiveException {
    exact.barrier(step);
  }

  @Override
  public long waitedNanos() {
    return exact.waitedNanos();
  }
}
