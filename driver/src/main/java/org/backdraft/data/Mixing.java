package org.backdraft.data;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * How training examples are mixed with each other; a value.
 *
 * <ul>
 *   <li>mixup: {@code λ · x + (1 − λ) · y}, λ being drawn from Beta(α, α) (Zhang et al. 2018,
 *       <em>mixup: beyond empirical risk minimization</em>, section 2)
 *   <li>CutMix: a box of y takes the place of what x has there, of 1 − λ of the area before it is
 *       cut at the border, with its middle anywhere; λ becomes the share of x that is left (Yun et
 *       al. 2019, <em>CutMix</em>, section 3.1 and algorithm A1)
 * </ul>
 *
 * <p>Of both losses the network gets λ and 1 − λ, see {@link org.backdraft.loss.LabelLoss}.
 * Departure from the papers, which draw one λ for a batch and take partners from all of it: each
 * example has its own λ, and its partner is in its leaf, so that every worker has it.
 *
 * @param mixup α of mixup; 0 for none
 * @param cutmix α of CutMix; 0 for none. With both, each example is mixed by one, either of equal
 *     probability
 */
public record Mixing(float mixup, float cutmix) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Examples as they are. */
  public static final Mixing NONE = new Mixing(0, 0);

  public Mixing {
    requireAlpha("data.mix.mixup", mixup);
    requireAlpha("data.mix.cutmix", cutmix);
  }

  private static void requireAlpha(String key, float alpha) {
    Checks.argument(
        alpha >= 0 && Float.isFinite(alpha),
        "%s must be the alpha of a beta distribution, above 0, or 0 for none: got %s.",
        key,
        alpha);
  }

  /** Whether examples stay as they are. */
  public boolean isNone() {
    return mixup == 0 && cutmix == 0;
  }

  /**
   * Checks that such examples can be mixed.
   *
   * @throws IllegalArgumentException if not; names the configuration key
   */
  void requireFits(RecordFormat format) {
    if (isNone()) {
      return;
    }
    Checks.argument(
        format.targets() == 0 && format.labels() == 1,
        "data.mix needs examples with one class each: these have %s. Leave out data.mix.mixup and"
            + " data.mix.cutmix.",
        format.targets() > 0
            ? format.targets() + " numbers to predict"
            : "a class for each of " + format.labels() + " pixels");
    Checks.argument(
        cutmix == 0 || format.shape().isImage() || format.shape().isVolume(),
        "data.mix.cutmix needs images (channels, h, w) or clips (channels, d, h, w): examples are"
            + " %s. Use data.mix.mixup.",
        format.shape());
  }
}
