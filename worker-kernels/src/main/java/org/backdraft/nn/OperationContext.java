package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.loss.Loss;
import org.backdraft.tensor.ParameterTable;

/**
 * What a layer needs to know to compile itself: layouts, kernels, leaves, and where its memory
 * lies. Valid during {@link Layer#compile} only.
 */
public interface OperationContext {
  Kernels kernels();

  /** What the network is trained for. */
  Loss loss();

  /** Threads of the team. */
  int threads();

  /** The most examples of a pass. */
  int capacity();

  /**
   * {@link Pass#subtrees} of the pass with the most leaves; no other pass has more leaves, nor a
   * larger subtree.
   */
  List<LeafRange> subtrees();

  /** The position of this node in the network, from 0. */
  int number();

  /** Where input {@code index} lies. */
  Slot input(int index);

  /** How many inputs there are. */
  int inputs();

  /** Where the output goes; its layout is {@code ActivationLayout.padded}. */
  Slot output();

  /**
   * Where the gradient of the output lies; of no meaning where neither this layer nor one before it
   * has parameters, since {@link Operation#backward} is never called there.
   */
  Slot outputGradient();

  /** Whether the gradient of input {@code index} is asked for. */
  boolean wantsInputGradient(int index);

  /**
   * Where the gradient of input {@code index} goes.
   *
   * @throws IllegalStateException if none is wanted
   */
  Slot inputGradient(int index);

  /**
   * What the operations are to do with their output besides, which only batch normalisation can.
   */
  default Epilogue epilogue() {
    return Epilogue.NONE;
  }

  /**
   * Whether a batch normalization takes its statistics over the global batch, by {@link
   * Operation#batchSums}; else over each leaf.
   */
  default boolean batchNormSync() {
    return false;
  }

  /**
   * Whether a batch normalization keeps its running statistics, and normalizes by them in training
   * as in evaluation.
   */
  default boolean batchNormFrozen() {
    return false;
  }

  /** The range of this layer's parameter, by its name within the layer. */
  ParameterTable.Entry parameter(String name);

  /** The range of this layer's buffer, by its name within the layer. */
  ParameterTable.Entry buffer(String name);

  /** Where the statistics start in {@link Pass#sums}; buffers keep their offsets from there. */
  int statisticsBegin();

  /**
   * Takes floats of the workspace for this operation alone; they are 0 at first and keep what is
   * written from pass to pass.
   *
   * @return the offset of the first one
   */
  int workspace(long floats);

  /** Likewise for the array of winners of max pooling. */
  int winners(long shorts);
}
