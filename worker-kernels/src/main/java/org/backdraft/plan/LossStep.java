package org.backdraft.plan;

import java.util.List;
import java.util.Optional;
import org.backdraft.kernel.LossKernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Share;
import org.backdraft.nn.Slot;

/**
 * The end of every forward pass: loss, rank of the label and gradient of each example, then their
 * sums: a chain inside a leaf, leaves added over the tree.
 */
final class LossStep {
  private final LossKernels kernels;
  private final Loss loss;
  private final int threads;
  private final int classes;
  private final Slot output;
  private final Slot gradient;
  private final List<LeafRange> subtrees;
  private final ReductionLayout reduction;

  /**
   * @param gradient where the gradient of the output goes; empty where nothing is learned
   * @param subtrees ranges of the worker's own leaves
   */
  LossStep(
      Plan.Request request,
      LossKernels kernels,
      Slot output,
      Optional<Slot> gradient,
      List<LeafRange> subtrees,
      ReductionLayout reduction) {
    this.kernels = kernels;
    this.loss = request.loss();
    this.threads = request.threads();
    this.classes = output.layout().channels();
    this.output = output;
    this.gradient = gradient.orElse(null);
    this.subtrees = subtrees;
    this.reduction = reduction;
  }

  int classes() {
    return classes;
  }

  /** Losses, label ranks and (in training) gradients of the examples of {@code thread}. */
  void run(ReplicaPass pass, int thread) {
    float[] outputs = pass.array(output);
    boolean wantsGradient = pass.training() && gradient != null;
    float[] gradients = wantsGradient ? pass.array(gradient) : null;
    int end = Share.end(pass.examples(), thread, threads);
    for (int e = Share.begin(pass.examples(), thread, threads); e < end; e++) {
      int label = pass.label(e);
      pass.losses()[e] =
          loss.evaluate(
              kernels,
              outputs,
              output.base(e),
              classes,
              label,
              pass.oneHot(thread),
              gradients,
              wantsGradient ? gradient.base(e) : 0);
      pass.labelRanks()[e] = rank(outputs, output.base(e), label);
    }
  }

  /** How many outputs beat the label's; comparisons with NaN count against it. */
  private int rank(float[] outputs, int base, int label) {
    float own = outputs[base + label];
    int rank = 0;
    for (int c = 0; c < label; c++) {
      if (!(outputs[base + c] < own)) {
        rank++;
      }
    }
    for (int c = label + 1; c < classes; c++) {
      if (!(outputs[base + c] <= own)) {
        rank++;
      }
    }
    return rank;
  }

  /** Writes the last three elements of each subtree's sums; for one thread. */
  void finish(ReplicaPass pass) {
    float[] losses = pass.leafLosses();
    for (int s = 0; s < subtrees.size(); s++) {
      LeafRange subtree = subtrees.get(s);
      int correct = 0;
      for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
        float sum = 0;
        for (int e = pass.leafBegin(leaf); e < pass.leafBegin(leaf + 1); e++) {
          sum += pass.losses()[e];
          correct += pass.labelRanks()[e] == 0 ? 1 : 0;
        }
        losses[leaf - subtree.begin()] = sum;
      }
      for (int distance = 1; distance < subtree.size(); distance *= 2) {
        for (int i = 0; i < subtree.size(); i += 2 * distance) {
          losses[i] += losses[i + distance];
        }
      }
      float[] sums = pass.sums(s);
      sums[reduction.lossIndex()] = losses[0];
      // Counts are exact in float up to 2^24, in whatever order they are added.
      sums[reduction.correctIndex()] = correct;
      sums[reduction.examplesIndex()] =
          pass.leafBegin(subtree.end()) - pass.leafBegin(subtree.begin());
    }
  }
}
