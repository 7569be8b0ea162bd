package org.backdraft.optim;

import org.backdraft.tensor.Checks;

/**
 * Implicit stochastic gradient descent: the gradient of a step is taken where the step ends, {@code
 * w' = w − r · ∇L(w')}, which is the minimum of {@code L(w') + ‖w' − w‖² / (2r)}. However large the
 * rate, a step never raises the loss of its batch, where plain gradient descent diverges (Toulis
 * and Airoldi 2017, <em>Asymptotic and finite-sample properties of estimators based on stochastic
 * gradients</em>, equation 5; Bertsekas 2011, <em>Incremental proximal methods for large scale
 * convex optimization</em>).
 *
 * <p>The equation is solved by a few evaluations of the same batch, see {@link ProximalStep}.
 *
 * @param evaluations of loss and gradient in a step, at least 2
 */
public record ImplicitSgd(int evaluations) implements GradientRule {
  static final String NAME = "implicit-sgd";

  private static final int MOST = 1000;

  public ImplicitSgd {
    Checks.argument(
        evaluations >= 2 && evaluations <= MOST,
        "optimizer.implicit.evaluations must be in [2, %d]: got %d.",
        MOST,
        evaluations);
  }

  @Override
  public String name() {
    return NAME;
  }
}
