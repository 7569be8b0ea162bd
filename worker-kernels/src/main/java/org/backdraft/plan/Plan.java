package org.backdraft.plan;

import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;

/**
 * A network compiled for one worker: operations in order, memory laid out, work divided among
 * threads.
 */
public final class Plan {
  /**
   * What a plan is made for.
   *
   * @param leaves how global batches are cut
   * @param leafRange the leaves of this worker
   * @param capacity the most examples of a local batch, in training and in evaluation
   * @param threads of the worker's team
   * @param optimizerSlots state arrays of the optimiser, counted in the memory
   */
  public record Request(
      Network network,
      Loss loss,
      Leaves leaves,
      LeafRange leafRange,
      int capacity,
      int threads,
      int optimizerSlots) {}

  private final Request request;
  private final Kernels kernels;

  private Plan(Request request, Kernels kernels) {
    this.request = request;
    this.kernels = kernels;
  }

  /** Compiles without allocating the arenas. */
  public static Plan compile(Request request, Kernels kernels) {
    return new Plan(request, kernels);
  }

  public Request request() {
    return request;
  }

  public Kernels kernels() {
    return kernels;
  }

  public ReductionLayout reduction() {
    throw new UnsupportedOperationException();
  }

  /** What a replica of this plan will allocate. */
  public MemoryReport memory() {
    throw new UnsupportedOperationException();
  }
}
