package org.backdraft.optim;

import java.io.Serializable;
import java.util.List;

/**
 * The settings of all optimisers that have a name in configuration; each takes what it needs.
 *
 * @param momentum of {@code momentum} and {@code nesterov}; with {@code sgd} a value above 0 means
 *     momentum, as in PyTorch
 * @param nesterov with {@code sgd} and {@code momentum}: whether Nesterov's form is meant
 * @param weightDecay of all
 * @param beta1 of {@code adam}
 * @param beta2 of {@code adam}
 * @param epsilon of {@code adam}
 */
public record OptimizerSettings(
    float momentum, boolean nesterov, float weightDecay, float beta1, float beta2, float epsilon)
    implements Serializable {

  /** All names, sorted. */
  public static List<String> names() {
    return List.of(Adam.NAME, Momentum.NAME, Momentum.NESTEROV, Sgd.NAME);
  }

  /**
   * The optimiser of that name.
   *
   * @throws IllegalArgumentException if no optimiser has that name or a setting that it needs is
   *     out of range; names the configuration key
   */
  public Optimizer create(String name) {
    return switch (name) {
      case Sgd.NAME ->
          momentum == 0 && !nesterov
              ? new Sgd(weightDecay)
              : new Momentum(momentum, nesterov, weightDecay);
      case Momentum.NAME -> new Momentum(momentum, nesterov, weightDecay);
      case Momentum.NESTEROV -> new Momentum(momentum, true, weightDecay);
      case Adam.NAME -> new Adam(beta1, beta2, epsilon, weightDecay);
      default ->
          throw new IllegalArgumentException(
              "optimizer.name must be one of %s: got '%s'.".formatted(names(), name));
    };
  }
}
