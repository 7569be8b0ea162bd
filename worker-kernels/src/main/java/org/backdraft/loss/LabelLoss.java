package org.backdraft.loss;

import java.util.Arrays;
import org.backdraft.kernel.LossKernels;

/**
 * The loss of a label, or of the two labels of an example that is mixed of two others: {@code share
 * · loss(label) + (1 − share) · loss(other)}, and so are its gradient and its denominator (Zhang et
 * al. 2018, <em>mixup: beyond empirical risk minimization</em>, section 2; Yun et al. 2019,
 * <em>CutMix</em>, equation 1). For a loss that is linear in a label's one-hot vector that is the
 * loss of the mixed vector. A label that the loss ignores adds nothing to either. Or the loss of an
 * example that has numbers.
 *
 * <p>Holds scratch: for one thread at a time.
 */
public final class LabelLoss {
  private final Loss loss;
  private final int classes;
  private final float[] target;
  private final float[] otherGradient;

  /** By head, where there are any. */
  private final float[][] headTargets;

  /**
   * @param classes outputs that a label is one of
   */
  public LabelLoss(Loss loss, int classes) {
    this.loss = loss;
    this.classes = classes;
    target = loss.newTarget(classes);
    otherGradient = new float[classes];
    headTargets = loss instanceof HeadLosses heads ? heads.newTargets() : new float[0][];
  }

  /** Bytes that it holds. */
  public static long bytes(Loss loss, int classes) {
    long floats = (long) loss.newTarget(classes).length + classes;
    if (loss instanceof HeadLosses heads) {
      for (float[] each : heads.newTargets()) {
        floats += each.length;
      }
    }
    return Float.BYTES * floats;
  }

  /**
   * The loss, not yet divided, and its gradient.
   *
   * @param x outputs from {@code xBase} on
   * @param other the second label; of no meaning where {@code share} is 1
   * @param share of the first label, in [0, 1]
   * @param dx null where no gradient is wanted
   */
  public float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      int label,
      int other,
      float share,
      float[] dx,
      int dxBase) {
    float first = evaluate(kernels, x, xBase, label, dx, dxBase);
    if (share == 1) {
      return first;
    }
    float rest = 1 - share;
    float second = evaluate(kernels, x, xBase, other, dx == null ? null : otherGradient, 0);
    if (dx != null) {
      for (int c = 0; c < classes; c++) {
        dx[dxBase + c] = share * dx[dxBase + c] + rest * otherGradient[c];
      }
    }
    return share * first + rest * second;
  }

  private float evaluate(
      LossKernels kernels, float[] x, int xBase, int label, float[] dx, int dxBase) {
    if (loss.ignores(label)) {
      if (dx != null) {
        Arrays.fill(dx, dxBase, dxBase + classes, 0);
      }
      return 0;
    }
    return loss.evaluate(kernels, x, xBase, classes, label, target, dx, dxBase);
  }

  /**
   * The loss of an example that has numbers instead of a label, not yet divided, and its gradient.
   *
   * @param targets numbers from {@code targetBase} on that the loss {@linkplain Loss#takesTargets
   *     takes}
   * @param dx null where no gradient is wanted
   */
  public float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      float[] targets,
      int targetBase,
      float[] dx,
      int dxBase) {
    if (loss instanceof HeadLosses heads) {
      return heads.evaluate(kernels, x, xBase, targets, targetBase, headTargets, dx, dxBase);
    }
    TargetLoss comparing = (TargetLoss) loss;
    return comparing.evaluate(kernels, x, xBase, classes, targets, targetBase, dx, dxBase);
  }

  /** What is added to the denominator; arguments as in the first {@code evaluate}. */
  public float denominator(int label, int other, float share) {
    float first = denominator(label);
    if (share == 1) {
      return first;
    }
    float second = denominator(other);
    // Exactly that of both where it is the same.
    return second + share * (first - second);
  }

  private float denominator(int label) {
    return loss.ignores(label) ? 0 : loss.denominator(label, classes);
  }

  /** The label of the larger share, which counts as the example's class. */
  public static int larger(int label, int other, float share) {
    return share >= 0.5f ? label : other;
  }

  /**
   * How many outputs beat the label's: 0 where it is the answer, of equal ones the first. A
   * comparison with NaN counts against it.
   */
  public static int rank(float[] outputs, int base, int classes, int label) {
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
}
