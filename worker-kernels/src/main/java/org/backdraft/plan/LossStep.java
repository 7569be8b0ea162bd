package org.backdraft.plan;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.backdraft.kernel.LossKernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.LabelLoss;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Share;
import org.backdraft.nn.Slot;

/**
 * The end of every forward pass: loss, rank and gradient of each label (one for an example, or one
 * for each pixel of its output), then their sums: chains in double over the pixels of a row and
 * over the rows of an example, a chain over the examples of a leaf, leaves added over the tree.
 */
final class LossStep {
  /** The rank of a label that is ignored. */
  static final int IGNORED = -1;

  private final LossKernels kernels;
  private final Loss loss;
  private final Head ranked; // whose answers are right or wrong; null without heads of classes
  private final int rankedBegin;
  private final int threads;
  private final int classes;
  private final int rows;
  private final int columns;
  private final Slot output;
  private final Slot gradient;
  private final ReductionLayout reduction;

  /**
   * @param gradient where the gradient of the output goes; empty where nothing is learned
   */
  LossStep(
      Plan.Request request,
      LossKernels kernels,
      Slot output,
      Optional<Slot> gradient,
      ReductionLayout reduction) {
    this.kernels = kernels;
    this.loss = request.loss();
    OptionalInt head =
        loss instanceof HeadLosses heads ? heads.firstOfClasses() : OptionalInt.empty();
    if (head.isPresent()) {
      HeadLosses heads = (HeadLosses) loss;
      ranked = heads.heads().get(head.getAsInt());
      rankedBegin = heads.firstOutput(head.getAsInt());
    } else {
      ranked = null;
      rankedBegin = 0;
    }
    this.threads = request.threads();
    this.classes = output.layout().channels();
    this.rows = output.layout().depth() * output.layout().height();
    this.columns = output.layout().width();
    this.output = output;
    this.gradient = gradient.orElse(null);
    this.reduction = reduction;
  }

  int classes() {
    return classes;
  }

  /** Rows of pixels of an example's output, those of all planes of a volume; 1 for a vector. */
  int rows() {
    return rows;
  }

  /** Labels of an example. */
  int labels() {
    return rows * columns;
  }

  /** Whether the loss compares outputs with so many numbers of an example. */
  boolean takesTargets(int targets) {
    return labels() == 1 && loss.takesTargets(targets, classes);
  }

  /**
   * The head that cannot take the numbers of an example, since the one that has to be its class is
   * none; null if there is none.
   *
   * @param base where the example's numbers begin
   */
  Head refusing(float[] targets, int base) {
    if (!(loss instanceof HeadLosses heads)) {
      return null;
    }
    int head = heads.refusing(targets, base);
    return head < 0 ? null : heads.heads().get(head);
  }

  /** Whether a label is a class, or one that is ignored. */
  boolean takes(int label) {
    return (label >= 0 && label < classes) || loss.ignores(label);
  }

  /** For one thread. */
  LabelLoss newLabelLoss() {
    return new LabelLoss(loss, classes);
  }

  /** Bytes that {@link #newLabelLoss} holds. */
  long labelLossBytes() {
    return LabelLoss.bytes(loss, classes);
  }

  /** Losses, ranks and (in training) gradients of the rows of {@code thread}. */
  void run(ReplicaPass pass, int thread) {
    int end = Share.end(pass.examples() * rows, thread, threads);
    for (int row = Share.begin(pass.examples() * rows, thread, threads); row < end; row++) {
      runRow(pass, thread, row);
    }
  }

  private void runRow(ReplicaPass pass, int thread, int row) {
    float[] outputs = pass.array(output);
    boolean wantsGradient = pass.training() && gradient != null;
    float[] gradients = wantsGradient ? pass.array(gradient) : null;
    int pitch = output.layout().pitch();
    int example = row / rows;
    int pixel = row % rows * columns;
    int base = output.base(example) + pixel * pitch;
    int dBase = wantsGradient ? gradient.base(example) + pixel * pitch : 0;
    if (pass.hasTargets()) {
      float[] targets = pass.targets();
      int targetBase = pass.targetBase(example);
      pass.rowLosses()[row] =
          pass.labelLoss(thread)
              .evaluate(kernels, outputs, base, targets, targetBase, gradients, dBase);
      pass.rowDenominators()[row] = loss.denominator(0, classes);
      pass.labelRanks()[row] = headRank(outputs, base, targets, targetBase);
      return;
    }
    double sum = 0;
    double denominator = 0;
    for (int x = 0; x < columns; x++, base += pitch, dBase += pitch) {
      int at = row * columns + x;
      int label = pass.label(at);
      int other = pass.otherLabel(at);
      float share = pass.labelShare(at);
      LabelLoss labelLoss = pass.labelLoss(thread);
      sum += labelLoss.evaluate(kernels, outputs, base, label, other, share, gradients, dBase);
      denominator += labelLoss.denominator(label, other, share);
      int counted = LabelLoss.larger(label, other, share);
      pass.labelRanks()[at] =
          loss.ignores(counted) ? IGNORED : LabelLoss.rank(outputs, base, classes, counted);
    }
    pass.rowLosses()[row] = sum;
    pass.rowDenominators()[row] = denominator;
  }

  /** The rank of the class of the first head that chooses from classes. */
  private int headRank(float[] outputs, int base, float[] targets, int targetBase) {
    if (ranked == null) {
      return IGNORED;
    }
    int label = ranked.label(targets, targetBase);
    return ranked.loss().ignores(label)
        ? IGNORED
        : LabelLoss.rank(outputs, base + rankedBegin, ranked.classes(), label);
  }

  /** Adds the rows of each example; for one thread, after {@link #run}. */
  void addRows(ReplicaPass pass) {
    for (int e = 0; e < pass.examples(); e++) {
      double sum = 0;
      double denominator = 0;
      for (int row = e * rows; row < (e + 1) * rows; row++) {
        sum += pass.rowLosses()[row];
        denominator += pass.rowDenominators()[row];
      }
      pass.losses()[e] = (float) sum;
      pass.denominators()[e] = (float) denominator;
    }
  }

  /** Writes the last elements of each subtree's sums; for one thread. */
  void finish(ReplicaPass pass) {
    List<LeafRange> subtrees = pass.subtrees();
    for (int s = 0; s < subtrees.size(); s++) {
      LeafRange subtree = subtrees.get(s);
      float[] sums = pass.sums(s);
      sums[reduction.lossIndex()] = sum(pass, subtree, pass.losses());
      sums[reduction.denominatorIndex()] = sum(pass, subtree, pass.denominators());
      count(pass, subtree, sums);
      // Exact up to 2^24, in whatever order it is added.
      sums[reduction.examplesIndex()] =
          pass.leafBegin(subtree.end()) - pass.leafBegin(subtree.begin());
      sums[reduction.signalIndex()] = 0;
      sums[reduction.nonFiniteIndex()] = 0;
    }
  }

  private static float sum(ReplicaPass pass, LeafRange subtree, float[] values) {
    float[] leaves = pass.leafSums();
    for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
      float sum = 0;
      for (int e = pass.leafBegin(leaf); e < pass.leafBegin(leaf + 1); e++) {
        sum += values[e];
      }
      leaves[leaf - subtree.begin()] = sum;
    }
    return treeSum(leaves, subtree.size());
  }

  /** Hits and labels; pixels may be more than a float counts, so they too are added as a tree. */
  private void count(ReplicaPass pass, LeafRange subtree, float[] sums) {
    float[] hits = pass.leafSums();
    float[] counted = pass.leafLabels();
    for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
      int correct = 0;
      int labels = 0;
      int end = pass.leafBegin(leaf + 1) * labels();
      for (int at = pass.leafBegin(leaf) * labels(); at < end; at++) {
        correct += pass.labelRanks()[at] == 0 ? 1 : 0;
        labels += pass.labelRanks()[at] == IGNORED ? 0 : 1;
      }
      hits[leaf - subtree.begin()] = correct;
      counted[leaf - subtree.begin()] = labels;
    }
    sums[reduction.correctIndex()] = treeSum(hits, subtree.size());
    sums[reduction.labelsIndex()] = treeSum(counted, subtree.size());
  }

  private static float treeSum(float[] leaves, int size) {
    for (int distance = 1; distance < size; distance *= 2) {
      for (int i = 0; i < size; i += 2 * distance) {
        leaves[i] += leaves[i + distance];
      }
    }
    return leaves[0];
  }
}
