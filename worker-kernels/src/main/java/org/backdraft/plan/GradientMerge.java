package org.backdraft.plan;

import java.util.List;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.nn.Operation;
import org.backdraft.nn.Pass;
import org.backdraft.nn.Slot;

/**
 * Adds up what the users of one output say about its gradient, into the slot of the first user, in
 * the order in which they stand in the network.
 */
final class GradientMerge implements Operation {
  private final MatrixKernels kernels;
  private final Slot[] uses;

  GradientMerge(MatrixKernels kernels, List<Slot> uses) {
    this.kernels = kernels;
    this.uses = uses.toArray(Slot[]::new);
  }

  @Override
  public void backward(Pass pass, int thread) {
    int begin = pass.begin(thread);
    int examples = pass.end(thread) - begin;
    Slot target = uses[0];
    float[] gradients = pass.array(target);
    for (int i = 1; i < uses.length; i++) {
      kernels.add(
          gradients,
          target.base(begin),
          gradients,
          uses[i].base(begin),
          examples * target.layout().size());
    }
  }
}
