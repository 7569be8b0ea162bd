package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.FloatVector;

/** The SIMD twin of {@link ScalarUpdateKernels}, which does what is less than a vector. */
final class SimdUpdateKernels implements UpdateKernels {
  private final ScalarUpdateKernels scalar = new ScalarUpdateKernels();

  @Override
  public void sgd(
      float[] w, float[] g, int begin, int end, float denominator, float weightDecay, float rate) {
    int whole = begin + wholeVectors(end - begin);
    FloatVector minusRate = FloatVector.broadcast(FLOATS, -rate);
    for (int i = begin; i < whole; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient = gradient(weight, g, i, denominator, weightDecay);
      minusRate.fma(gradient, weight).intoArray(w, i);
    }
    scalar.sgd(w, g, whole, end, denominator, weightDecay, rate);
  }

  @Override
  public void momentum(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      float denominator,
      float weightDecay,
      float rate,
      float momentum,
      boolean nesterov) {
    int whole = begin + wholeVectors(end - begin);
    if (nesterov) {
      nesterov(w, g, v, begin, whole, denominator, weightDecay, rate, momentum);
    } else {
      plainMomentum(w, g, v, begin, whole, denominator, weightDecay, rate, momentum);
    }
    scalar.momentum(w, g, v, whole, end, denominator, weightDecay, rate, momentum, nesterov);
  }

  private static void plainMomentum(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      float denominator,
      float weightDecay,
      float rate,
      float momentum) {
    FloatVector minusRate = FloatVector.broadcast(FLOATS, -rate);
    FloatVector kept = FloatVector.broadcast(FLOATS, momentum);
    for (int i = begin; i < end; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient = gradient(weight, g, i, denominator, weightDecay);
      FloatVector velocity = kept.fma(FloatVector.fromArray(FLOATS, v, i), gradient);
      velocity.intoArray(v, i);
      minusRate.fma(velocity, weight).intoArray(w, i);
    }
  }

  private static void nesterov(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      float denominator,
      float weightDecay,
      float rate,
      float momentum) {
    FloatVector minusRate = FloatVector.broadcast(FLOATS, -rate);
    FloatVector kept = FloatVector.broadcast(FLOATS, momentum);
    for (int i = begin; i < end; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient = gradient(weight, g, i, denominator, weightDecay);
      FloatVector velocity = kept.fma(FloatVector.fromArray(FLOATS, v, i), gradient);
      velocity.intoArray(v, i);
      minusRate.fma(kept.fma(velocity, gradient), weight).intoArray(w, i);
    }
  }

  @Override
  public void adam(
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      int begin,
      int end,
      float denominator,
      float weightDecay,
      float beta1,
      float beta2,
      float epsilon,
      float stepSize,
      float rootCorrection) {
    int whole = begin + wholeVectors(end - begin);
    FloatVector kept1 = FloatVector.broadcast(FLOATS, beta1);
    FloatVector kept2 = FloatVector.broadcast(FLOATS, beta2);
    float oneMinusBeta1 = 1f - beta1;
    float oneMinusBeta2 = 1f - beta2;
    FloatVector minusStep = FloatVector.broadcast(FLOATS, -stepSize);
    for (int i = begin; i < whole; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient = gradient(weight, g, i, denominator, weightDecay);
      FloatVector mean =
          kept1.fma(FloatVector.fromArray(FLOATS, m, i), gradient.mul(oneMinusBeta1));
      mean.intoArray(m, i);
      FloatVector square =
          kept2.fma(FloatVector.fromArray(FLOATS, v, i), gradient.mul(oneMinusBeta2).mul(gradient));
      square.intoArray(v, i);
      FloatVector divisor = square.sqrt().div(rootCorrection).add(epsilon);
      minusStep.fma(mean.div(divisor), weight).intoArray(w, i);
    }
    scalar.adam(
        w,
        g,
        m,
        v,
        whole,
        end,
        denominator,
        weightDecay,
        beta1,
        beta2,
        epsilon,
        stepSize,
        rootCorrection);
  }

  private static FloatVector gradient(
      FloatVector weight, float[] g, int at, float denominator, float weightDecay) {
    FloatVector mean = FloatVector.fromArray(FLOATS, g, at).div(denominator);
    return weight.fma(FloatVector.broadcast(FLOATS, weightDecay), mean);
  }
}
