package org.backdraft.loss;

import java.io.Serializable;
import java.util.List;

/**
 * The settings of all losses that have a name in configuration; each takes what it needs.
 *
 * @param labelSmoothing of {@code softmax-cross-entropy}
 * @param classWeights of {@code softmax-cross-entropy}
 * @param ignoredLabel of {@code softmax-cross-entropy}
 * @param delta of {@code huber}
 * @param margin of {@code hinge}
 */
public record LossSettings(
    float labelSmoothing, List<Float> classWeights, int ignoredLabel, float delta, float margin)
    implements Serializable {
  public LossSettings {
    classWeights = List.copyOf(classWeights);
  }

  /** PyTorch's defaults. */
  public static LossSettings defaults() {
    return new LossSettings(0, List.of(), SoftmaxCrossEntropy.NO_LABEL, 1, 1);
  }

  /** All names, sorted. */
  public static List<String> names() {
    return List.of(
        BinaryCrossEntropy.NAME,
        Hinge.NAME,
        Huber.NAME,
        AbsoluteError.NAME,
        MeanSquaredError.NAME,
        SoftmaxCrossEntropy.NAME,
        SquaredError.NAME);
  }

  /**
   * The loss of that name.
   *
   * @throws IllegalArgumentException if no loss has that name, or a setting is out of range or
   *     means nothing to the loss; names the configuration key
   */
  public Loss create(String name) {
    if (!name.equals(SoftmaxCrossEntropy.NAME)) {
      refuse("loss.label-smoothing", labelSmoothing, labelSmoothing == 0);
      refuse("loss.class-weights", classWeights, classWeights.isEmpty());
      refuse("loss.ignored-label", ignoredLabel, ignoredLabel == SoftmaxCrossEntropy.NO_LABEL);
    }
    return switch (name) {
      case BinaryCrossEntropy.NAME -> new BinaryCrossEntropy();
      case Hinge.NAME -> new Hinge(margin);
      case Huber.NAME -> new Huber(delta);
      case AbsoluteError.NAME -> new AbsoluteError();
      case MeanSquaredError.NAME -> new MeanSquaredError();
      case SoftmaxCrossEntropy.NAME ->
          new SoftmaxCrossEntropy(labelSmoothing, classWeights, ignoredLabel);
      case SquaredError.NAME -> new SquaredError();
      default ->
          throw new IllegalArgumentException(
              "loss.name must be one of %s: got '%s'.".formatted(names(), name));
    };
  }

  private static void refuse(String key, Object value, boolean isDefault) {
    if (!isDefault) {
      throw new IllegalArgumentException(
          "%s needs the loss %s: got %s. Leave it out, or set loss.name=%s."
              .formatted(key, SoftmaxCrossEntropy.NAME, value, SoftmaxCrossEntropy.NAME));
    }
  }
}
