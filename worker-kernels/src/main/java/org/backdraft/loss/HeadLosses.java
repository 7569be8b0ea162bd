package org.backdraft.loss;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * The loss of a network with several answers: the sum of those of its {@link Head heads}, each
 * times its weight, a mean over examples. The first outputs of the network are those of the first
 * head, and so on; all targets are numbers of an example, classes too.
 *
 * @param heads at least one, of different names
 */
public record HeadLosses(List<Head> heads) implements Loss {
  /** The name in configuration. */
  public static final String NAME = "heads";

  public HeadLosses {
    heads = List.copyOf(heads);
    Checks.argument(!heads.isEmpty(), "There must be at least one head.");
    Set<String> names = new HashSet<>();
    for (Head head : heads) {
      Checks.argument(
          names.add(head.name()),
          "Heads must have different names: '%s' is there twice.",
          head.name());
    }
  }

  /** Outputs of all heads. */
  public int outputs() {
    return heads.stream().mapToInt(Head::outputs).sum();
  }

  /** How many numbers an example must have, at least. */
  public int targets() {
    return heads.stream().mapToInt(Head::targetsEnd).max().orElseThrow();
  }

  /** The first output of a head. */
  public int firstOutput(int head) {
    return heads.subList(0, head).stream().mapToInt(Head::outputs).sum();
  }

  /**
   * The first head that chooses from classes: its answers are those that are right or wrong where
   * one of them has to stand for all.
   */
  public OptionalInt firstOfClasses() {
    for (int i = 0; i < heads.size(); i++) {
      if (heads.get(i).isOfClasses()) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  @Override
  public String configName() {
    return NAME;
  }

  @Override
  public void check(String network, Shape output) {
    Checks.argument(
        output.isVector() && output.dim(0) == outputs(),
        "The output of '%s' must be a vector of the %d outputs of its heads (%s): got %s.",
        network,
        outputs(),
        heads.stream().map(h -> h.name() + " " + h.outputs()).collect(Collectors.joining(", ")),
        output);
  }

  @Override
  public boolean takesTargets(int targets, int outputs) {
    return targets >= targets() && outputs == outputs();
  }

  /**
   * The first head whose number of an example is no class.
   *
   * @param base where the example's numbers begin
   * @return −1 if there is none
   */
  public int refusing(float[] targets, int base) {
    for (int i = 0; i < heads.size(); i++) {
      if (!heads.get(i).takes(targets, base)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public boolean ignores(int label) {
    return false;
  }

  @Override
  public float[] newTarget(int classes) {
    return new float[0];
  }

  /** What {@link Loss#newTarget} gives, for each head. */
  float[][] newTargets() {
    return heads.stream().map(h -> h.loss().newTarget(h.outputs())).toArray(float[][]::new);
  }

  /**
   * The loss of an example, not yet divided, and its gradient.
   *
   * @param targets numbers of the example from {@code targetBase} on
   * @param scratch of {@link #newTargets}
   * @param dx null where no gradient is wanted
   */
  float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      float[] targets,
      int targetBase,
      float[][] scratch,
      float[] dx,
      int dxBase) {
    float sum = 0;
    int at = 0;
    for (int i = 0; i < scratch.length; i++) {
      Head head = heads.get(i);
      float loss =
          head.evaluate(kernels, x, xBase + at, targets, targetBase, scratch[i], dx, dxBase + at);
      sum += head.weight() * loss;
      at += head.outputs();
    }
    return sum;
  }

  /** There is none: an example has numbers, and {@link LabelLoss} has scratch for each head. */
  @Override
  public float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      int classes,
      int label,
      float[] target,
      float[] dx,
      int dxBase) {
    throw new IllegalStateException("Heads are compared with an example's numbers, not a label.");
  }

  @Override
  public float denominator(int label, int classes) {
    return 1;
  }
}
