package org.backdraft.plan;

import java.util.Arrays;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Pass;
import org.backdraft.nn.Slot;

/** The memory of a replica and the batch at hand. */
final class ReplicaPass implements Pass {
  /** The numbers of each thread lie this far apart, so that no two share a cache line. */
  private static final int PAD = 32;

  private final Leaves leaves;
  private final LeafRange leafRange;
  private final float[] parameters;
  private final float[] buffers;
  private final float[] values;
  private final float[] gradients;
  private final float[] workspace;
  private final short[] winners;
  private final float[][] sums;
  private final float[][] batchSums;
  private final float[][] targets;
  private final double[] rowLosses;
  private final double[] rowDenominators;
  private final float[] stepLosses;
  private final float[] stepDenominators;
  private final int[] stepRanks;
  private final float[] leafSums;
  private final float[] leafLabels;
  private final int[] leafBegins;
  private final int[] leavesOf;

  /** For each thread the first example that it works on and one past the last. */
  private final int[] dealt;

  private Batch batch;
  private boolean training;
  private int examples;
  private long seed;
  private long epoch;
  private float[] losses;
  private float[] denominators;
  private int[] labelRanks;

  ReplicaPass(Plan plan) {
    Plan.Request request = plan.request();
    leaves = request.leaves();
    leafRange = request.leafRange();
    parameters = new float[plan.parameterTable().size()];
    buffers = new float[plan.bufferTable().size()];
    values = new float[plan.valueFloats()];
    gradients = new float[plan.gradientFloats()];
    workspace = new float[plan.workspaceFloats()];
    winners = new short[plan.winnerShorts()];
    sums = new float[plan.subtrees().size()][plan.reduction().size()];
    batchSums = new float[plan.subtrees().size()][plan.mostBatchSums()];
    LossStep lossStep = plan.lossStep();
    targets = new float[request.threads()][];
    for (int thread = 0; thread < targets.length; thread++) {
      targets[thread] = lossStep.newTarget();
    }
    rowLosses = new double[request.capacity() * lossStep.rows()];
    rowDenominators = new double[request.capacity() * lossStep.rows()];
    stepLosses = new float[request.capacity()];
    stepDenominators = new float[request.capacity()];
    stepRanks = new int[request.capacity() * lossStep.labels()];
    leafSums = new float[leafRange.size()];
    leafLabels = new float[leafRange.size()];
    leafBegins = new int[leafRange.size() + 1];
    leavesOf = new int[request.capacity()];
    dealt = new int[request.threads() * PAD];
  }

  void startTraining(Batch next, long seed, long epoch) {
    start(next, true, stepLosses, stepDenominators, stepRanks);
    this.seed = seed;
    this.epoch = epoch;
    int first = leaves.begin(leafRange.begin(), next.globalSize());
    for (int leaf = 0; leaf < leafBegins.length; leaf++) {
      leafBegins[leaf] = leaves.begin(leafRange.begin() + leaf, next.globalSize()) - first;
    }
    // A batch of the wrong size is refused by the caller.
    for (int leaf = 0; leaf < leafRange.size(); leaf++) {
      int end = Math.min(leavesOf.length, leafBegins[leaf + 1]);
      Arrays.fill(leavesOf, Math.min(end, leafBegins[leaf]), end, leaf);
    }
  }

  void startEvaluation(Batch next, float[] losses, float[] denominators, int[] labelRanks) {
    start(next, false, losses, denominators, labelRanks);
  }

  private void start(
      Batch next, boolean training, float[] losses, float[] denominators, int[] labelRanks) {
    batch = next;
    this.training = training;
    examples = next.size();
    this.losses = losses;
    this.denominators = denominators;
    this.labelRanks = labelRanks;
  }

  @Override
  public boolean training() {
    return training;
  }

  @Override
  public int examples() {
    return examples;
  }

  @Override
  public int globalExamples() {
    return batch.globalSize();
  }

  /** Says which examples a thread works on from now on. */
  void deal(int thread, int begin, int end) {
    dealt[thread * PAD] = begin;
    dealt[thread * PAD + 1] = end;
  }

  @Override
  public int begin(int thread) {
    return dealt[thread * PAD];
  }

  @Override
  public int end(int thread) {
    return dealt[thread * PAD + 1];
  }

  @Override
  public int leafOf(int example) {
    return leavesOf[example];
  }

  @Override
  public int leafBegin(int leaf) {
    return leafBegins[leaf];
  }

  @Override
  public float[] array(Slot slot) {
    return switch (slot.area()) {
      case INPUT -> batch.inputs();
      case VALUE -> values;
      case GRADIENT -> gradients;
    };
  }

  @Override
  public float[] parameters() {
    return parameters;
  }

  @Override
  public float[] buffers() {
    return buffers;
  }

  @Override
  public float[] workspace() {
    return workspace;
  }

  @Override
  public short[] winners() {
    return winners;
  }

  @Override
  public float[] sums(int subtree) {
    return sums[subtree];
  }

  float[][] sums() {
    return sums;
  }

  @Override
  public float[] batchSums(int subtree) {
    return batchSums[subtree];
  }

  float[][] batchSums() {
    return batchSums;
  }

  @Override
  public long seed() {
    return seed;
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public long exampleId(int example) {
    return batch.exampleIds()[example];
  }

  /** The labels of all examples, one after the other. */
  int label(int at) {
    return batch.labels()[at];
  }

  /** Where the loss of each example goes. */
  float[] losses() {
    return losses;
  }

  /** Where what each example's loss is divided by goes. */
  float[] denominators() {
    return denominators;
  }

  /** Where the rank of each label goes. */
  int[] labelRanks() {
    return labelRanks;
  }

  /** Scratch for the losses of the rows of all examples. */
  double[] rowLosses() {
    return rowLosses;
  }

  /** Likewise for their denominators. */
  double[] rowDenominators() {
    return rowDenominators;
  }

  /** Scratch for the sums of leaves. */
  float[] leafSums() {
    return leafSums;
  }

  /** Scratch for the labels of leaves. */
  float[] leafLabels() {
    return leafLabels;
  }

  /** Scratch of one thread, as {@link org.backdraft.loss.Loss#evaluate} wants it. */
  float[] target(int thread) {
    return targets[thread];
  }
}
