package org.backdraft.nn;

import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.NormalizationKernels;
import org.backdraft.kernel.PointwiseFunction;
import org.backdraft.kernel.PointwiseKernels;

/**
 * The side of a batch normalisation that faces its output: normalisation and {@link Epilogue} on
 * the way forward; on the way back the epilogue's gradient, in place, and the sums of blocks.
 */
final class BatchNormOutput implements Operation {
  /** Floats that stay in L1 from one pass over them to the next. */
  private static final int CHUNK_FLOATS = 1 << 12;

  /** Fewer rows at once would spend the time on loading constants. */
  private static final int FEWEST_ROWS = 16;

  private final NormalizationKernels kernels;
  private final PointwiseKernels pointwise;
  private final BatchNormMemory memory;
  private final int chunkRows;
  private final boolean rectified;
  private final Slot addend;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;

  BatchNormOutput(BatchNormMemory memory, OperationContext context) {
    this.memory = memory;
    kernels = context.kernels().normalization();
    pointwise = context.kernels().pointwise();
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    rectified = context.epilogue().rectified();
    addend = context.epilogue().addend().orElse(null);
    chunkRows = Math.max(FEWEST_ROWS, CHUNK_FLOATS / memory.lanes);
  }

  @Override
  public void forward(Pass pass, int thread) {
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      int constants = memory.constants(pass.training() ? pass.leafOf(e) : 0);
      for (int row = 0; row < memory.pixels; row += chunkRows) {
        int rows = Math.min(chunkRows, memory.pixels - row);
        forward(pass, e, row * memory.lanes, rows, constants);
      }
    }
  }

  private void forward(Pass pass, int example, int at, int rows, int constants) {
    float[] y = pass.array(output);
    int yBase = output.base(example) + at;
    int length = rows * memory.lanes;
    kernels.normalize(
        rows,
        memory.lanes,
        pass.array(input),
        input.base(example) + at,
        pass.workspace(),
        constants,
        y,
        yBase);
    if (addend != null) {
      pointwise.add(y, yBase, pass.array(addend), addend.base(example) + at, y, yBase, length);
    }
    if (rectified) {
      pointwise.apply(PointwiseFunction.RELU, 1, y, yBase, y, yBase, length);
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      for (int block = 0; block < memory.blocks; block++) {
        backward(pass, e, block);
      }
    }
  }

  private void backward(Pass pass, int example, int block) {
    int at = block * Kernels.BLOCK_ROWS * memory.lanes;
    int rows = memory.rows(block);
    float[] dy = pass.array(outputGradient);
    int dyBase = outputGradient.base(example) + at;
    if (rectified) {
      float[] y = pass.array(output);
      int yBase = output.base(example) + at;
      int length = rows * memory.lanes;
      pointwise.applyBackward(
          PointwiseFunction.RELU, 1, y, yBase, y, yBase, dy, dyBase, dy, dyBase, length);
    }
    kernels.blockGradients(
        rows,
        memory.lanes,
        pass.array(input),
        input.base(example) + at,
        dy,
        dyBase,
        pass.workspace(),
        memory.constants(pass.leafOf(example)),
        pass.workspace(),
        memory.block(example, block));
  }
}
