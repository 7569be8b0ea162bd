package org.backdraft.jobs.lesson;

import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;

/** The only replica of a network of classes, on one thread: what lessons run. */
final class LoneReplica {
  private LoneReplica() {}

  /**
   * Compiles the network, with weights of zero.
   *
   * @param examples of a batch, at most
   * @param optimizerSlots state arrays of the optimizer; 0 where nothing is learned
   */
  static Replica of(Network network, int examples, int optimizerSlots) {
    Plan.Request request =
        new Plan.Request(
            network,
            Loss.SOFTMAX_CROSS_ENTROPY,
            new Leaves(1),
            new LeafRange(0, 1),
            examples,
            1,
            optimizerSlots);
    return new Replica(Plan.compile(request, KernelLookup.choose().kernels()));
  }
}
