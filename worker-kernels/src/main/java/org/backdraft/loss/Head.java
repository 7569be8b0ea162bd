package org.backdraft.loss;

import java.io.Serializable;
import java.util.Arrays;
import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Checks;

/**
 * One answer of a network with several: a range of its outputs with a loss, a weight and targets of
 * its own. It is compared with a class, which is one of an example's numbers, or with as many
 * numbers as it has outputs.
 *
 * <p>What an example adds is {@code weight · loss / d}, {@code d} being the loss's own denominator
 * of one example (the classes, the outputs, or 1), and the mean is over examples. So is the loss of
 * each output of a model of Keras with {@code loss_weights}.
 *
 * @param name of letters, digits, {@code -} and {@code _}
 * @param loss one that compares numbers unless {@code classes} is given
 * @param weight above 0
 * @param classes that the head chooses from; 0 where it is compared with numbers
 * @param firstTarget the first of an example's numbers that is this head's, from 0
 * @param targets how many are: 1 for a class, else an output for each
 */
public record Head(String name, Loss loss, float weight, int classes, int firstTarget, int targets)
    implements Serializable {
  /** The largest float up to which all whole numbers are floats. */
  private static final float MOST_EXACT = 1 << 24;

  public Head {
    Checks.argument(
        name.matches("[A-Za-z0-9_-]+"),
        "The name of a head must be of letters, digits, - and _: got '%s'.",
        name);
    Checks.argument(
        weight > 0 && Float.isFinite(weight),
        "The weight of head '%s' must be above 0: got %s.",
        name,
        weight);
    Checks.argument(
        classes == 0 || classes >= 2,
        "Head '%s' must choose from at least 2 classes: got %d. Leave classes out for numbers.",
        name,
        classes);
    Checks.argument(
        firstTarget >= 0 && targets >= 1,
        "Head '%s' must have at least one number of an example: got %d from number %d on.",
        name,
        targets,
        firstTarget);
    Checks.argument(
        classes == 0 || targets == 1,
        "Head '%s' chooses from %d classes, so its target must be one number, the class: got %d.",
        name,
        classes,
        targets);
    Checks.argument(
        classes > 0 || loss instanceof TargetLoss,
        "Head '%s' with the loss %s must say how many classes it chooses from, classes=N; for"
            + " numbers take a loss that compares them, such as mse.",
        name,
        loss.configName());
    Checks.argument(
        !(loss instanceof HeadLosses), "The loss of head '%s' must not be one of heads.", name);
    Checks.argument(
        !(loss instanceof SoftmaxCrossEntropy softmax) || softmax.classWeights().isEmpty(),
        "Head '%s' must have no class weights: the mean is over examples, not over weights.",
        name);
  }

  /** Whether it is compared with a class. */
  public boolean isOfClasses() {
    return classes > 0;
  }

  /** How many outputs of the network are this head's. */
  public int outputs() {
    return isOfClasses() ? classes : targets;
  }

  /** One past its last number. */
  int targetsEnd() {
    return firstTarget + targets;
  }

  /**
   * The class of an example.
   *
   * @param targets of all examples
   * @param base where those of the example begin
   */
  public int label(float[] targets, int base) {
    return (int) targets[base + firstTarget];
  }

  /** Whether an example's number is one of the classes, or one that is ignored. */
  boolean takes(float[] targets, int base) {
    if (!isOfClasses()) {
      return true;
    }
    float value = targets[base + firstTarget];
    int label = (int) value;
    return label == value
        && Math.abs(value) <= MOST_EXACT
        && ((label >= 0 && label < classes) || loss.ignores(label));
  }

  /**
   * The loss of one example without the weight, and its gradient with it.
   *
   * @param x outputs of this head from {@code xBase} on
   * @param targets all numbers of the example from {@code targetBase} on
   * @param scratch of {@link Loss#newTarget}
   * @param dx null where no gradient is wanted
   */
  public float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      float[] targets,
      int targetBase,
      float[] scratch,
      float[] dx,
      int dxBase) {
    float loss = undivided(kernels, x, xBase, targets, targetBase, scratch, dx, dxBase);
    float denominator = this.loss.denominator(0, outputs());
    if (dx != null) {
      float factor = weight / denominator;
      for (int i = dxBase; i < dxBase + outputs(); i++) {
        dx[i] *= factor;
      }
    }
    return loss / denominator;
  }

  private float undivided(
      LossKernels kernels,
      float[] x,
      int xBase,
      float[] targets,
      int targetBase,
      float[] scratch,
      float[] dx,
      int dxBase) {
    if (!isOfClasses()) {
      int begin = targetBase + firstTarget;
      TargetLoss comparing = (TargetLoss) loss;
      return comparing.evaluate(kernels, x, xBase, this.targets, targets, begin, dx, dxBase);
    }
    int label = label(targets, targetBase);
    if (loss.ignores(label)) {
      if (dx != null) {
        Arrays.fill(dx, dxBase, dxBase + classes, 0);
      }
      return 0;
    }
    return loss.evaluate(kernels, x, xBase, classes, label, scratch, dx, dxBase);
  }
}
