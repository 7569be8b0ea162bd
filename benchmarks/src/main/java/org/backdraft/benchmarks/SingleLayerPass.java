package org.backdraft.benchmarks;

import java.util.List;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Pass;
import org.backdraft.nn.Share;
import org.backdraft.nn.Slot;

/** The memory of a {@link SingleLayer}; every pass is one of a training. */
final class SingleLayerPass implements Pass {
  private final Leaves leaves;
  private final List<LeafRange> subtrees;
  private final int examples;
  private final int threads;
  private final float[] input;
  private final float[] values;
  private final float[] gradients;
  private final float[] parameters;
  private final float[] buffers;
  private final float[] workspace;
  private final short[] winners;
  private final float[][] sums;

  /** Allocates what a compiled layer has asked for. */
  SingleLayerPass(SingleLayerContext context, Leaves leaves) {
    this.leaves = leaves;
    subtrees = context.subtrees();
    examples = context.capacity();
    threads = context.threads();
    input = new float[context.inputFloats()];
    values = new float[context.activationFloats()];
    gradients = new float[context.activationFloats()];
    parameters = new float[context.parameterTable().size()];
    buffers = new float[context.bufferTable().size()];
    workspace = new float[context.workspaceFloats()];
    winners = new short[context.winnerShorts()];
    sums = new float[subtrees.size()][parameters.length + buffers.length + 3];
  }

  @Override
  public boolean training() {
    return true;
  }

  @Override
  public int examples() {
    return examples;
  }

  @Override
  public int globalExamples() {
    return examples;
  }

  @Override
  public int begin(int thread) {
    return Share.begin(examples, thread, threads);
  }

  @Override
  public int end(int thread) {
    return Share.end(examples, thread, threads);
  }

  @Override
  public List<LeafRange> subtrees() {
    return subtrees;
  }

  @Override
  public int leafOf(int example) {
    int leaf = 0;
    while (leaves.begin(leaf + 1, examples) <= example) {
      leaf++;
    }
    return leaf;
  }

  @Override
  public int leafBegin(int leaf) {
    return leaves.begin(leaf, examples);
  }

  @Override
  public float[] array(Slot slot) {
    return switch (slot.area()) {
      case INPUT -> input;
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
    throw new IllegalStateException("A single layer has statistics of leaves.");
  }

  @Override
  public long seed() {
    return 1;
  }

  @Override
  public long epoch() {
    return 0;
  }

  @Override
  public boolean hasTargets() {
    return false;
  }

  @Override
  public float[] targets() {
    throw new UnsupportedOperationException("The examples of a bench have labels.");
  }

  @Override
  public int targetBase(int example) {
    throw new UnsupportedOperationException("The examples of a bench have labels.");
  }

  @Override
  public int label(int at) {
    return 0;
  }

  @Override
  public int otherLabel(int at) {
    return 0;
  }

  @Override
  public float labelShare(int at) {
    return 1;
  }

  @Override
  public long exampleId(int example) {
    return example;
  }
}
