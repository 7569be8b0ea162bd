package org.backdraft.optim;

import org.backdraft.tensor.ParameterBlocks;

/**
 * A quasi-Newton method with a line search, see {@link QuasiNewtonSearch}.
 *
 * <p>A <em>step</em> of such a rule is one evaluation over the whole data set.
 */
public interface SearchRule extends GradientRule {
  /**
   * What is known of the curvature before the first step.
   *
   * @throws IllegalArgumentException if there are more parameters than the method can take
   */
  InverseHessian inverseHessian(ParameterBlocks blocks);

  /**
   * How many arrays as long as the parameters {@link InverseHessian#saved} tells.
   *
   * @throws IllegalArgumentException if there are more parameters than the method can take
   */
  int hessianArrays(int parameters);

  @Override
  default SearchRule withWeightDecay(float weightDecay) {
    GradientRule.super.withWeightDecay(weightDecay);
    return this;
  }
}
