package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.backdraft.data.Mixing;
import org.backdraft.leaf.Leaves;

/**
 * How training examples are mixed with each other: the section {@code data.mix}.
 *
 * @param mixup α of mixup; 0 for none
 * @param cutmix α of CutMix; 0 for none
 */
public record MixConfig(@JsonProperty("mixup") float mixup, @JsonProperty("cutmix") float cutmix) {
  public MixConfig {
    Mixing unused = checked(() -> new Mixing(mixup, cutmix));
  }

  /** Examples as they are. */
  public static MixConfig defaults() {
    return new MixConfig(0, 0);
  }

  /** How examples of a batch are mixed. */
  public Mixing mixing() {
    return new Mixing(mixup, cutmix);
  }

  /** Checks that leaves have examples to mix. */
  void requireFits(int batch, Leaves leaves) {
    require(
        mixing().isNone() || batch >= 2L * leaves.count(),
        "data.mix mixes the examples of a leaf with each other and needs two or more in each:"
            + " data.batch is %d and there are %d leaves. Set train.leaves=%d or less.",
        batch,
        leaves.count(),
        Math.max(1, Integer.highestOneBit(batch / 2)));
  }
}
