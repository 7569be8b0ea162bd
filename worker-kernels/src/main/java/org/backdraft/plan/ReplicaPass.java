package org.backdraft.plan;

import java.util.Arrays;
import java.util.List;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.LabelLoss;
import org.backdraft.nn.Pass;
import org.backdraft.nn.Slot;

/** The memory of a replica, and the examples at hand: a batch or a piece of one. */
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
  private final float[][] batchSums;
  private final LabelLoss[] labelLosses;
  private final double[] rowLosses;
  private final double[] rowDenominators;

  /**
   * The inputs of a piece that does not begin where the batch does; empty where there is but one
   * piece.
   */
  private final float[] pieceInputs;

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
  private float[] inputs;
  private int firstExample;
  private List<LeafRange> subtrees = List.of();
  private float[][] sums = {};
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
    // Plans of several pieces have none.
    int subtrees = plan.pieces().pieces().get(0).subtrees().size();
    batchSums = new float[subtrees][plan.mostBatchSums()];
    LossStep lossStep = plan.lossStep();
    labelLosses = new LabelLoss[request.threads()];
    for (int thread = 0; thread < labelLosses.length; thread++) {
      labelLosses[thread] = lossStep.newLabelLoss();
    }
    int capacity = plan.pieceCapacity();
    int mostLeaves = plan.pieces().mostLeaves();
    pieceInputs = new float[Math.toIntExact(plan.pieceInputFloats())];
    rowLosses = new double[capacity * lossStep.rows()];
    rowDenominators = new double[capacity * lossStep.rows()];
    stepLosses = new float[capacity];
    stepDenominators = new float[capacity];
    stepRanks = new int[capacity * lossStep.labels()];
    leafSums = new float[mostLeaves];
    leafLabels = new float[mostLeaves];
    leafBegins = new int[mostLeaves + 1];
    leavesOf = new int[capacity];
    dealt = new int[request.threads() * PAD];
  }

  /**
   * Starts a training step over a piece of a batch.
   *
   * @param next the piece's examples, or more of those of the worker's leaves
   * @param sums where the sums of the piece's subtrees go
   */
  void startTraining(Batch next, Pieces.Piece piece, float[][] sums, long seed, long epoch) {
    int before = leaves.begin(leafRange.begin(), next.globalSize());
    int firstLeaf = leafRange.begin() + piece.leaves().begin();
    int first = leaves.begin(firstLeaf, next.globalSize());
    firstExample = first - before - next.begin();
    int pieceLeaves = piece.leaves().size();
    for (int leaf = 0; leaf <= pieceLeaves; leaf++) {
      leafBegins[leaf] = leaves.begin(firstLeaf + leaf, next.globalSize()) - first;
    }
    for (int leaf = 0; leaf < pieceLeaves; leaf++) {
      Arrays.fill(leavesOf, leafBegins[leaf], leafBegins[leaf + 1], leaf);
    }
    examples = leafBegins[pieceLeaves];
    Arrays.fill(leafBegins, pieceLeaves + 1, leafBegins.length, examples);
    subtrees = piece.subtrees();
    this.sums = sums;
    this.seed = seed;
    this.epoch = epoch;
    start(next, firstExample == 0 ? next.inputs() : pieceInputs, true);
    tell(stepLosses, stepDenominators, stepRanks);
  }

  void startEvaluation(Batch next, float[] losses, float[] denominators, int[] labelRanks) {
    firstExample = 0;
    examples = next.size();
    start(next, next.inputs(), false);
    tell(losses, denominators, labelRanks);
  }

  private void start(Batch next, float[] inputs, boolean training) {
    batch = next;
    this.inputs = inputs;
    this.training = training;
  }

  private void tell(float[] losses, float[] denominators, int[] labelRanks) {
    this.losses = losses;
    this.denominators = denominators;
    this.labelRanks = labelRanks;
  }

  /** Copies the inputs of some examples where they are not read in the batch. */
  void takeInputs(int begin, int end) {
    if (inputs != batch.inputs()) {
      int size = batch.layout().size();
      int from = (firstExample + begin) * size;
      System.arraycopy(batch.inputs(), from, inputs, begin * size, (end - begin) * size);
    }
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
  public List<LeafRange> subtrees() {
    return subtrees;
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
      case INPUT -> inputs;
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
    return batch.exampleIds()[firstExample + example];
  }

  @Override
  public int label(int at) {
    return batch.labels()[labelIndex(at)];
  }

  @Override
  public int otherLabel(int at) {
    return batch.isMixed() ? batch.otherLabels()[labelIndex(at)] : label(at);
  }

  @Override
  public float labelShare(int at) {
    return batch.isMixed() ? batch.shares()[labelIndex(at)] : 1;
  }

  private int labelIndex(int at) {
    return firstExample * batch.labelsPerExample() + at;
  }

  @Override
  public boolean hasTargets() {
    return batch.targetsPerExample() > 0;
  }

  @Override
  public float[] targets() {
    return batch.targets();
  }

  @Override
  public int targetBase(int example) {
    return (firstExample + example) * batch.targetsPerExample();
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

  /** The loss of labels, with the scratch of one thread. */
  LabelLoss labelLoss(int thread) {
    return labelLosses[thread];
  }
}
