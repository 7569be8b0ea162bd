package org.backdraft.nn;

import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.NormalizationKernels;

/**
 * The side of a batch normalisation that faces its input: the statistics of blocks on the way
 * forward, the input's gradient on the way back.
 */
final class BatchNormInput implements Operation {
  private final NormalizationKernels kernels;
  private final BatchNormMemory memory;
  private final boolean measures;
  private final Slot input;
  private final Slot outputGradient;
  private final Slot inputGradient;

  BatchNormInput(BatchNormMemory memory, OperationContext context) {
    this.memory = memory;
    measures = !context.batchNormFrozen();
    kernels = context.kernels().normalization();
    input = context.input(0);
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
  }

  @Override
  public void forward(Pass pass, int thread) {
    if (!pass.training() || !measures) {
      return;
    }
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      for (int block = 0; block < memory.blocks; block++) {
        kernels.blockStatistics(
            memory.rows(block),
            memory.lanes,
            pass.array(input),
            input.base(e) + block * Kernels.BLOCK_ROWS * memory.lanes,
            pass.workspace(),
            memory.block(e, block));
      }
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      for (int block = 0; block < memory.blocks; block++) {
        int at = block * Kernels.BLOCK_ROWS * memory.lanes;
        kernels.inputGradient(
            memory.rows(block),
            memory.lanes,
            pass.array(input),
            input.base(e) + at,
            pass.array(outputGradient),
            outputGradient.base(e) + at,
            pass.workspace(),
            memory.constants(pass.leafOf(e)),
            pass.array(inputGradient),
            inputGradient.base(e) + at);
      }
    }
  }

  @Override
  public Scope scope(boolean backward) {
    return backward && inputGradient == null ? Scope.NOTHING : Scope.EXAMPLES;
  }
}
