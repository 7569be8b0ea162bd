package org.backdraft.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;

/**
 * One layer with memory of its own, in which everything that it must not read is NaN: padding
 * lanes, what lies between slots, and the workspace of others. Its threads run one after the other.
 */
final class LayerRig implements OperationContext, Pass {
  private static final int GUARD = 32;

  /** What a rig is made of. */
  record Setup(Layer layer, Shape input, int examples, int leaves, int threads, boolean dense) {}

  private final Setup setup;
  private final Kernels kernels;
  private final ParameterTable table;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;
  private final float[] dense;
  private final float[] values;
  private final float[] gradients;
  private final float[] parameters;
  private final float[] workspace;
  private final short[] winners;
  private final float[][] sums;
  private final List<Operation> operations;
  private int workspaceEnd;
  private int winnersEnd;

  LayerRig(Setup setup, Kernels kernels) {
    this.setup = setup;
    this.kernels = kernels;
    List<Shape> shapes = List.of(setup.input());
    List<ParameterSpec> specs = setup.layer().parameters(shapes);
    table = new ParameterTable(specs);
    ActivationLayout in = ActivationLayout.padded(setup.input());
    ActivationLayout out = ActivationLayout.padded(setup.layer().outputShape(shapes));
    int front = Math.max(in.pitch(), out.pitch());
    int outBegin = front + GUARD + setup.examples() * in.size() + GUARD;
    boolean isDense = setup.dense() && setup.layer().readsDenseInput();
    input =
        isDense
            ? new Slot(Slot.Area.INPUT, GUARD, ActivationLayout.dense(setup.input()))
            : new Slot(Slot.Area.VALUE, front + GUARD, in);
    output = new Slot(Slot.Area.VALUE, outBegin, out);
    inputGradient = new Slot(Slot.Area.GRADIENT, front + GUARD, in);
    outputGradient = new Slot(Slot.Area.GRADIENT, outBegin, out);
    int length = outBegin + setup.examples() * out.size() + GUARD;
    dense = poisoned(2 * GUARD + setup.examples() * setup.input().elements());
    values = poisoned(length);
    gradients = poisoned(length);
    Arrays.fill(values, 0, front, 0);
    Arrays.fill(gradients, 0, front, 0);
    parameters = new float[table.size()];
    sums = new float[subtrees().size()][table.size()];
    workspaceEnd = front;
    operations = setup.layer().compile(this);
    workspace = new float[workspaceEnd];
    winners = new short[winnersEnd];
  }

  private static float[] poisoned(int length) {
    float[] array = new float[length];
    Arrays.fill(array, Float.NaN);
    return array;
  }

  /** Random inputs, output gradients and parameters in [-1, 1). */
  void fill(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    fill(input, random);
    fill(outputGradient, random);
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = (float) (2 * random.nextDouble() - 1);
    }
  }

  private void fill(Slot slot, SplittableRandom random) {
    for (int e = 0; e < setup.examples(); e++) {
      for (int c = 0; c < slot.layout().channels(); c++) {
        for (int pixel = 0; pixel < slot.layout().pixels(); pixel++) {
          array(slot)[at(slot, e, c, pixel)] = (float) (2 * random.nextDouble() - 1);
        }
      }
    }
  }

  private static int at(Slot slot, int example, int channel, int pixel) {
    return slot.base(example) + pixel * slot.layout().pitch() + channel;
  }

  void run() {
    List<Operation> backward = new ArrayList<>(operations);
    Collections.reverse(backward);
    for (Operation operation : operations) {
      forEachThread(thread -> operation.prepare(this, thread));
    }
    for (Operation operation : operations) {
      forEachThread(thread -> operation.forward(this, thread));
    }
    for (Operation operation : backward) {
      if (operation.scope(true) != Scope.NOTHING) {
        forEachThread(thread -> operation.backward(this, thread));
      }
    }
    for (Operation operation : operations) {
      forEachThread(thread -> operation.finish(this, thread));
    }
  }

  private void forEachThread(IntConsumer share) {
    for (int thread = 0; thread < setup.threads(); thread++) {
      share.accept(thread);
    }
  }

  /** What a slot holds in logical order, examples outermost. */
  float[] logical(Slot slot) {
    ActivationLayout layout = slot.layout();
    float[] all = new float[setup.examples() * layout.shape().elements()];
    int i = 0;
    for (int e = 0; e < setup.examples(); e++) {
      for (int c = 0; c < layout.channels(); c++) {
        for (int pixel = 0; pixel < layout.pixels(); pixel++) {
          all[i++] = array(slot)[at(slot, e, c, pixel)];
        }
      }
    }
    return all;
  }

  float[] parameterValues(String name) {
    ParameterTable.Entry entry = table.entry(name);
    return Arrays.copyOfRange(parameters, entry.begin(), entry.end());
  }

  float[] parameterGradient(String name) {
    ParameterTable.Entry entry = table.entry(name);
    return Arrays.copyOfRange(sums[0], entry.begin(), entry.end());
  }

  /** Whether a guard band has been written. */
  boolean isGuardHurt() {
    boolean hurt = false;
    for (Slot slot : List.of(input, output, outputGradient, inputGradient)) {
      int end = slot.base(setup.examples());
      for (int i = 1; i <= GUARD / 2; i++) {
        hurt |= !Float.isNaN(array(slot)[slot.offset() - i]);
        hurt |= !Float.isNaN(array(slot)[end + i - 1]);
      }
    }
    return hurt;
  }

  @Override
  public Loss loss() {
    return Loss.SOFTMAX_CROSS_ENTROPY;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public int threads() {
    return setup.threads();
  }

  @Override
  public int capacity() {
    return setup.examples();
  }

  @Override
  public List<LeafRange> subtrees() {
    return new LeafRange(0, setup.leaves()).subtrees();
  }

  @Override
  public int number() {
    return 0;
  }

  @Override
  public Slot input(int index) {
    return input;
  }

  @Override
  public int inputs() {
    return 1;
  }

  @Override
  public Slot output() {
    return output;
  }

  @Override
  public Slot outputGradient() {
    return outputGradient;
  }

  @Override
  public boolean wantsInputGradient(int index) {
    return true;
  }

  @Override
  public Slot inputGradient(int index) {
    return inputGradient;
  }

  @Override
  public ParameterTable.Entry parameter(String name) {
    return table.entry(name);
  }

  @Override
  public ParameterTable.Entry buffer(String name) {
    throw new IllegalStateException("no buffers");
  }

  @Override
  public int statisticsBegin() {
    return table.size();
  }

  @Override
  public int workspace(long floats) {
    int begin = workspaceEnd;
    workspaceEnd += Math.toIntExact((floats + 15) / 16 * 16);
    return begin;
  }

  @Override
  public int winners(long shorts) {
    int begin = winnersEnd;
    winnersEnd += Math.toIntExact(shorts);
    return begin;
  }

  @Override
  public boolean training() {
    return true;
  }

  @Override
  public int examples() {
    return setup.examples();
  }

  @Override
  public int globalExamples() {
    return setup.examples();
  }

  @Override
  public int begin(int thread) {
    return Share.begin(setup.examples(), thread, setup.threads());
  }

  @Override
  public int end(int thread) {
    return Share.end(setup.examples(), thread, setup.threads());
  }

  @Override
  public int leafOf(int example) {
    int leaf = 0;
    while (leafBegin(leaf + 1) <= example) {
      leaf++;
    }
    return leaf;
  }

  @Override
  public int leafBegin(int leaf) {
    return new Leaves(setup.leaves()).begin(leaf, setup.examples());
  }

  @Override
  public float[] array(Slot slot) {
    return switch (slot.area()) {
      case INPUT -> dense;
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
    throw new IllegalStateException("no buffers");
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
    throw new IllegalStateException("no batch sums");
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
    throw new UnsupportedOperationException("Examples here have labels.");
  }

  @Override
  public int targetBase(int example) {
    throw new UnsupportedOperationException("Examples here have labels.");
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
