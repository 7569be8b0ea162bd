package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * {@link UpdateKernels#rmsProp} over whole vectors, block by block of a range: gradient, direction
 * and step are passes over scratch, so that its four forms stay short enough for C2.
 */
final class SimdRmsProp {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  void step(
      float[] w,
      float[] g,
      float[] s,
      float[] mean,
      float[] velocity,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float alpha,
      float epsilon,
      float momentum) {
    float[] d = scratch.get().floats(VectorScratch.BLOCK);
    for (int at = begin; at < end; at += VectorScratch.BLOCK) {
      int count = Math.min(VectorScratch.BLOCK, end - at);
      gradients(w, g, at, denominator, weightDecay, d, count);
      if (mean == null) {
        directions(s, at + shift, alpha, epsilon, d, count);
      } else {
        centeredDirections(s, mean, at + shift, alpha, epsilon, d, count);
      }
      if (velocity != null) {
        velocities(velocity, at + shift, momentum, d, count);
      }
      move(w, at, rate, d, count);
    }
  }

  private static void gradients(
      float[] w,
      float[] g,
      int at,
      float denominator,
      float weightDecay,
      float[] gradients,
      int count) {
    FloatVector decay = FloatVector.broadcast(FLOATS, weightDecay);
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, at + i);
      weight
          .fma(decay, FloatVector.fromArray(FLOATS, g, at + i).div(denominator))
          .intoArray(gradients, i);
    }
  }

  /** From gradients to directions, in place. */
  private static void directions(
      float[] s, int at, float alpha, float epsilon, float[] d, int count) {
    FloatVector kept = FloatVector.broadcast(FLOATS, alpha);
    FloatVector fresh = FloatVector.broadcast(FLOATS, 1f - alpha);
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector gradient = FloatVector.fromArray(FLOATS, d, i);
      FloatVector square = FloatVector.fromArray(FLOATS, s, at + i);
      square = square.fma(kept, gradient.mul(fresh).mul(gradient));
      square.intoArray(s, at + i);
      gradient.div(square.sqrt().add(epsilon)).intoArray(d, i);
    }
  }

  /** Likewise, with the square of the mean taken off. */
  private static void centeredDirections(
      float[] s, float[] mean, int at, float alpha, float epsilon, float[] d, int count) {
    FloatVector kept = FloatVector.broadcast(FLOATS, alpha);
    FloatVector fresh = FloatVector.broadcast(FLOATS, 1f - alpha);
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector gradient = FloatVector.fromArray(FLOATS, d, i);
      FloatVector square = FloatVector.fromArray(FLOATS, s, at + i);
      square = square.fma(kept, gradient.mul(fresh).mul(gradient));
      square.intoArray(s, at + i);
      FloatVector center = FloatVector.fromArray(FLOATS, mean, at + i);
      center = gradient.sub(center).fma(fresh, center);
      center.intoArray(mean, at + i);
      FloatVector variance = center.neg().fma(center, square).max(zero);
      gradient.div(variance.sqrt().add(epsilon)).intoArray(d, i);
    }
  }

  /** From directions to velocities, in place. */
  private static void velocities(float[] velocity, int at, float momentum, float[] d, int count) {
    FloatVector kept = FloatVector.broadcast(FLOATS, momentum);
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector direction = FloatVector.fromArray(FLOATS, d, i);
      FloatVector after = FloatVector.fromArray(FLOATS, velocity, at + i).fma(kept, direction);
      after.intoArray(velocity, at + i);
      after.intoArray(d, i);
    }
  }

  private static void move(float[] w, int at, float rate, float[] d, int count) {
    FloatVector minusRate = FloatVector.broadcast(FLOATS, -rate);
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector direction = FloatVector.fromArray(FLOATS, d, i);
      minusRate.fma(direction, FloatVector.fromArray(FLOATS, w, at + i)).intoArray(w, at + i);
    }
  }
}
