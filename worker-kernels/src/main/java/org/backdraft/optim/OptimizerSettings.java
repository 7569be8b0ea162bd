package org.backdraft.optim;

import java.io.Serializable;
import java.util.List;

/**
 * The settings of all optimisers that have a name in configuration; each takes what it needs.
 *
 * @param learningRate what training starts with; no part of the rule itself
 * @param momentum of {@code momentum}, {@code nesterov}, {@code rmsprop} and {@code lars}; with
 *     {@code sgd} a value above 0 means momentum, as in PyTorch
 * @param nesterov with {@code sgd} and {@code momentum}: whether Nesterov's form is meant
 * @param weightDecay of all but {@code rprop}
 * @param beta1 of {@code adam}, {@code adamw} and {@code lamb}
 * @param beta2 of {@code adam}, {@code adamw} and {@code lamb}
 * @param epsilon of {@code adam}, {@code adamw}, {@code rmsprop}, {@code adagrad} and {@code lamb}
 * @param alpha of {@code rmsprop}
 * @param centered of {@code rmsprop}
 * @param lrDecay of {@code adagrad}
 * @param initialAccumulator of {@code adagrad}
 * @param etaMinus of {@code rprop}
 * @param etaPlus of {@code rprop}
 * @param stepMin of {@code rprop}
 * @param stepMax of {@code rprop}
 * @param trust of {@code lars}
 * @param history of {@code lbfgs}
 * @param evaluations of {@code implicit-sgd}
 */
public record OptimizerSettings(
    float learningRate,
    float momentum,
    boolean nesterov,
    float weightDecay,
    float beta1,
    float beta2,
    float epsilon,
    float alpha,
    boolean centered,
    float lrDecay,
    float initialAccumulator,
    float etaMinus,
    float etaPlus,
    float stepMin,
    float stepMax,
    float trust,
    int history,
    int evaluations)
    implements Serializable {

  /** All names, sorted. */
  public static List<String> names() {
    return List.of(
        Adagrad.NAME,
        Adam.NAME,
        AdamW.NAME,
        BarzilaiBorwein.NAME,
        Bfgs.NAME,
        ImplicitSgd.NAME,
        Lamb.NAME,
        Lars.NAME,
        Lbfgs.NAME,
        Momentum.NAME,
        Momentum.NESTEROV,
        RmsProp.NAME,
        Rprop.NAME,
        Sgd.NAME);
  }

  /**
   * What an optimiser has unless told otherwise: PyTorch's defaults, save that {@code sgd} has
   * momentum and a larger rate, and {@code lbfgs} a shorter history; those of the papers for {@code
   * lars} and {@code lamb}.
   *
   * @throws IllegalArgumentException if no optimiser has that name
   */
  public static OptimizerSettings defaults(String name) {
    return switch (name) {
      case Sgd.NAME, Momentum.NAME, Momentum.NESTEROV -> standard(0.03f, 0.9f, 0, 1e-8f);
      case Adam.NAME -> standard(0.001f, 0, 0, 1e-8f);
      case AdamW.NAME -> standard(0.001f, 0, 0.01f, 1e-8f);
      case RmsProp.NAME -> standard(0.01f, 0, 0, 1e-8f);
      case Adagrad.NAME -> standard(0.01f, 0, 0, 1e-10f);
      case Rprop.NAME -> standard(0.01f, 0, 0, 1e-8f);
      case Lbfgs.NAME, Bfgs.NAME -> standard(1, 0, 0, 1e-8f);
      case ImplicitSgd.NAME -> standard(0.1f, 0, 0, 1e-8f);
      case BarzilaiBorwein.NAME -> standard(0.1f, 0, 0, 1e-8f);
      case Lars.NAME -> standard(1f, 0.9f, 5e-4f, 1e-8f);
      case Lamb.NAME -> standard(0.001f, 0, 0.01f, 1e-6f);
      default -> throw unknown(name);
    };
  }

  private static OptimizerSettings standard(
      float learningRate, float momentum, float weightDecay, float epsilon) {
    return new OptimizerSettings(
        learningRate,
        momentum,
        false,
        weightDecay,
        0.9f,
        0.999f,
        epsilon,
        0.99f,
        false,
        0,
        0,
        0.5f,
        1.2f,
        1e-6f,
        50,
        0.001f,
        10,
        5);
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
      case AdamW.NAME -> new AdamW(beta1, beta2, epsilon, weightDecay);
      case RmsProp.NAME -> new RmsProp(alpha, epsilon, momentum, centered, weightDecay);
      case Adagrad.NAME -> new Adagrad(lrDecay, initialAccumulator, epsilon, weightDecay);
      case Rprop.NAME ->
          new Rprop(etaMinus, etaPlus, stepMin, stepMax).withWeightDecay(weightDecay);
      case BarzilaiBorwein.NAME -> new BarzilaiBorwein(weightDecay);
      case Bfgs.NAME -> new Bfgs().withWeightDecay(weightDecay);
      case ImplicitSgd.NAME -> new ImplicitSgd(evaluations).withWeightDecay(weightDecay);
      case Lbfgs.NAME -> new Lbfgs(history).withWeightDecay(weightDecay);
      case Lars.NAME -> new Lars(momentum, trust, weightDecay);
      case Lamb.NAME -> new Lamb(beta1, beta2, epsilon, weightDecay);
      default -> throw unknown(name);
    };
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "optimizer.name must be one of %s: got '%s'.".formatted(names(), name));
  }
}
