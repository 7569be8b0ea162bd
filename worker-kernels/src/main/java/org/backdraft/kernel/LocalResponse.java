package org.backdraft.kernel;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * The numbers of local response normalisation: channel c is divided by {@code (k + alpha / size · Σ
 * x²)^beta}, the sum over the channels from {@code c − size / 2} to {@code c + (size − 1) / 2}.
 *
 * @param size channels of the window, at least 1
 * @param alpha at least 0
 * @param beta any finite number
 * @param k above 0
 */
public record LocalResponse(int size, float alpha, float beta, float k) implements Serializable {
  public LocalResponse {
    Checks.argument(
        size >= 1 && alpha >= 0 && Float.isFinite(alpha) && Float.isFinite(beta) && k > 0,
        "Local response normalisation needs size >= 1, alpha >= 0, a finite beta and k > 0: got %d,"
            + " %s, %s and %s.",
        size,
        alpha,
        beta,
        k);
  }

  /** Channels of the window before its own one. */
  int before() {
    return size / 2;
  }

  /** Channels behind it. */
  int after() {
    return (size - 1) / 2;
  }

  /** {@code alpha / size}. */
  float share() {
    return alpha / size;
  }

  /** {@code 2 · alpha · beta / size}. */
  float steepness() {
    return 2 * alpha * beta / size;
  }
}
