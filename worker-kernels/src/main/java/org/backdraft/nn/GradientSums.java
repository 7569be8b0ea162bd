package org.backdraft.nn;

import java.util.function.Function;

/** The sums of a convolution's gradients of its parameters, which may wait for other operations. */
final class GradientSums implements Operation {
  private final WeightGradient weightGradient;

  /** Null without a bias. */
  private final BiasGradient biasGradient;

  private final Function<Pass, float[]> factor;
  private final int factorBase;
  private final int factorSize;

  /**
   * @param biasGradient null without a bias
   * @param factor the array of what {@code weightGradient}'s pattern is about
   * @param factorBase where example 0 lies in it
   * @param factorSize floats of an example
   */
  GradientSums(
      WeightGradient weightGradient,
      BiasGradient biasGradient,
      Function<Pass, float[]> factor,
      int factorBase,
      int factorSize) {
    this.weightGradient = weightGradient;
    this.biasGradient = biasGradient;
    this.factor = factor;
    this.factorBase = factorBase;
    this.factorSize = factorSize;
  }

  @Override
  public void backward(Pass pass, int thread) {
    weightGradient.run(pass, thread, factor.apply(pass), factorBase, factorSize);
    if (biasGradient != null) {
      biasGradient.run(pass, thread);
    }
  }

  @Override
  public Scope scope(boolean backward) {
    return backward ? Scope.SUMS : Scope.NOTHING;
  }
}
