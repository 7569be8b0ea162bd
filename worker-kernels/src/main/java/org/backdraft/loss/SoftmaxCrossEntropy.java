package org.backdraft.loss;

import java.util.List;
import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Softmax and cross-entropy as PyTorch's {@code CrossEntropyLoss}, of a vector of classes with one
 * label, or of an image {@code (classes, h, w)} with a label for each pixel.
 *
 * <p>With smoothing ε and weights w a label y costs {@code (1 − ε) · w_y · (−log p_y) + ε / classes
 * · Σ_c w_c · (−log p_c)}; the sum is divided by that of {@code w_y} over all labels that are not
 * ignored.
 *
 * @param labelSmoothing ε in [0, 1) (Szegedy et al. 2016, section 7)
 * @param classWeights above or equal to 0, one for each class; empty for all 1
 * @param ignoredLabel a label that counts for nothing, such as the border of objects; a negative
 *     one, if the labels have none, does nothing
 */
public record SoftmaxCrossEntropy(float labelSmoothing, List<Float> classWeights, int ignoredLabel)
    implements Loss {
  static final String NAME = "softmax-cross-entropy";

  /** PyTorch's {@code ignore_index}. */
  static final int NO_LABEL = -100;

  public SoftmaxCrossEntropy {
    Checks.argument(
        labelSmoothing >= 0 && labelSmoothing < 1,
        "loss.label-smoothing must be in [0, 1): got %s.",
        labelSmoothing);
    classWeights = List.copyOf(classWeights);
    for (float weight : classWeights) {
      Checks.argument(
          weight >= 0 && Float.isFinite(weight),
          "loss.class-weights must be numbers of at least 0: got %s.",
          classWeights);
    }
  }

  /** All classes alike, nothing smoothed or ignored. */
  public static SoftmaxCrossEntropy plain() {
    return new SoftmaxCrossEntropy(0, List.of(), NO_LABEL);
  }

  @Override
  public String configName() {
    return NAME;
  }

  @Override
  public void check(String network, Shape output) {
    Checks.argument(
        classWeights.isEmpty() || classWeights.size() == output.dim(0),
        "loss.class-weights must be as many as the classes of '%s' (%d): got %d.",
        network,
        output.dim(0),
        classWeights.size());
  }

  @Override
  public boolean ignores(int label) {
    return label == ignoredLabel;
  }

  private float weight(int label) {
    return classWeights.isEmpty() ? 1 : classWeights.get(label);
  }

  /** The part of the target that does not depend on the label. */
  @Override
  public float[] newTarget(int classes) {
    float[] target = new float[labelSmoothing == 0 ? 0 : classes];
    for (int c = 0; c < target.length; c++) {
      target[c] = labelSmoothing / classes * weight(c);
    }
    return target;
  }

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
    float weight = weight(label);
    if (labelSmoothing == 0) {
      return kernels.softmaxCrossEntropy(x, xBase, classes, label, weight, dx, dxBase);
    }
    float smooth = target[label];
    target[label] = smooth + (1 - labelSmoothing) * weight;
    float loss = kernels.softCrossEntropy(x, xBase, target, 0, classes, dx, dxBase);
    target[label] = smooth;
    return loss;
  }

  @Override
  public float denominator(int label, int classes) {
    return weight(label);
  }
}
