package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The SIMD twin of {@link ScalarUpdateKernels}, which does what is less than a vector.
 *
 * <p>No method hands vectors to another one, not even {@code mean + weightDecay · weight}, which
 * most rules start from: once C2 has compiled the other one by itself, to much code, it does not
 * inline it any more, and both box.
 */
final class SimdUpdateKernels implements UpdateKernels {
  private final ScalarUpdateKernels scalar = new ScalarUpdateKernels();
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();
  private final SimdRmsProp rmsProp = new SimdRmsProp();

  @Override
  public void sgd(
      float[] w, float[] g, int begin, int end, float denominator, float weightDecay, float rate) {
    int whole = begin + wholeVectors(end - begin);
    FloatVector minusRate = FloatVector.broadcast(FLOATS, -rate);
    FloatVector decay = FloatVector.broadcast(FLOATS, weightDecay);
    for (int i = begin; i < whole; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient =
          weight.fma(decay, FloatVector.fromArray(FLOATS, g, i).div(denominator));
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
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float momentum,
      boolean nesterov) {
    int whole = begin + wholeVectors(end - begin);
    if (nesterov) {
      nesterov(w, g, v, begin, whole, shift, denominator, weightDecay, rate, momentum);
    } else {
      plainMomentum(w, g, v, begin, whole, shift, denominator, weightDecay, rate, momentum);
    }
    scalar.momentum(w, g, v, whole, end, shift, denominator, weightDecay, rate, momentum, nesterov);
  }

  private static void plainMomentum(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float momentum) {
    FloatVector minusRate = FloatVector.broadcast(FLOATS, -rate);
    FloatVector kept = FloatVector.broadcast(FLOATS, momentum);
    FloatVector tiny = FloatVector.broadcast(FLOATS, TINY);
    FloatVector decay = FloatVector.broadcast(FLOATS, weightDecay);
    for (int i = begin; i < end; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient =
          weight.fma(decay, FloatVector.fromArray(FLOATS, g, i).div(denominator));
      FloatVector velocity =
          kept.fma(FloatVector.fromArray(FLOATS, v, i + shift), gradient).add(tiny).sub(tiny);
      velocity.intoArray(v, i + shift);
      minusRate.fma(velocity, weight).intoArray(w, i);
    }
  }

  private static void nesterov(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float momentum) {
    FloatVector minusRate = FloatVector.broadcast(FLOATS, -rate);
    FloatVector kept = FloatVector.broadcast(FLOATS, momentum);
    FloatVector tiny = FloatVector.broadcast(FLOATS, TINY);
    FloatVector decay = FloatVector.broadcast(FLOATS, weightDecay);
    for (int i = begin; i < end; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient =
          weight.fma(decay, FloatVector.fromArray(FLOATS, g, i).div(denominator));
      FloatVector velocity =
          kept.fma(FloatVector.fromArray(FLOATS, v, i + shift), gradient).add(tiny).sub(tiny);
      velocity.intoArray(v, i + shift);
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
      int shift,
      float denominator,
      float weightDecay,
      float kept,
      float beta1,
      float beta2,
      float epsilon,
      float stepSize,
      float rootCorrection) {
    int whole = begin + wholeVectors(end - begin);
    FloatVector tiny = FloatVector.broadcast(FLOATS, TINY);
    FloatVector kept1 = FloatVector.broadcast(FLOATS, beta1);
    FloatVector kept2 = FloatVector.broadcast(FLOATS, beta2);
    float oneMinusBeta1 = 1f - beta1;
    float oneMinusBeta2 = 1f - beta2;
    FloatVector minusStep = FloatVector.broadcast(FLOATS, -stepSize);
    FloatVector decay = FloatVector.broadcast(FLOATS, weightDecay);
    for (int i = begin; i < whole; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient =
          weight.fma(decay, FloatVector.fromArray(FLOATS, g, i).div(denominator));
      FloatVector mean =
          kept1
              .fma(FloatVector.fromArray(FLOATS, m, i + shift), gradient.mul(oneMinusBeta1))
              .add(tiny)
              .sub(tiny);
      mean.intoArray(m, i + shift);
      FloatVector square =
          kept2
              .fma(
                  FloatVector.fromArray(FLOATS, v, i + shift),
                  gradient.mul(oneMinusBeta2).mul(gradient))
              .add(tiny)
              .sub(tiny);
      square.intoArray(v, i + shift);
      FloatVector divisor = square.sqrt().div(rootCorrection).add(epsilon);
      minusStep.fma(mean.div(divisor), weight.mul(kept)).intoArray(w, i);
    }
    scalar.adam(
        w,
        g,
        m,
        v,
        whole,
        end,
        shift,
        denominator,
        weightDecay,
        kept,
        beta1,
        beta2,
        epsilon,
        stepSize,
        rootCorrection);
  }

  @Override
  public void rmsProp(
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
    int whole = begin + wholeVectors(end - begin);
    rmsProp.step(
        w,
        g,
        s,
        mean,
        velocity,
        begin,
        whole,
        shift,
        denominator,
        weightDecay,
        rate,
        alpha,
        epsilon,
        momentum);
    scalar.rmsProp(
        w,
        g,
        s,
        mean,
        velocity,
        whole,
        end,
        shift,
        denominator,
        weightDecay,
        rate,
        alpha,
        epsilon,
        momentum);
  }

  @Override
  public void adagrad(
      float[] w,
      float[] g,
      float[] s,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float epsilon) {
    int whole = begin + wholeVectors(end - begin);
    FloatVector minusRate = FloatVector.broadcast(FLOATS, -rate);
    FloatVector decay = FloatVector.broadcast(FLOATS, weightDecay);
    for (int i = begin; i < whole; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient =
          weight.fma(decay, FloatVector.fromArray(FLOATS, g, i).div(denominator));
      FloatVector square = gradient.fma(gradient, FloatVector.fromArray(FLOATS, s, i + shift));
      square.intoArray(s, i + shift);
      minusRate.fma(gradient.div(square.sqrt().add(epsilon)), weight).intoArray(w, i);
    }
    scalar.adagrad(w, g, s, whole, end, shift, denominator, weightDecay, rate, epsilon);
  }

  @Override
  public void rprop(
      float[] w,
      float[] g,
      float[] previous,
      float[] size,
      int begin,
      int end,
      int shift,
      float denominator,
      float etaMinus,
      float etaPlus,
      float leastSize,
      float mostSize) {
    int whole = begin + wholeVectors(end - begin);
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = begin; i < whole; i += WIDTH) {
      FloatVector gradient = FloatVector.fromArray(FLOATS, g, i).div(denominator);
      FloatVector agreement = gradient.mul(FloatVector.fromArray(FLOATS, previous, i + shift));
      VectorMask<Float> turns = agreement.compare(VectorOperators.LT, zero);
      FloatVector eta =
          one.blend(etaMinus, turns).blend(etaPlus, agreement.compare(VectorOperators.GT, zero));
      FloatVector moved = FloatVector.fromArray(FLOATS, size, i + shift).mul(eta);
      moved = moved.max(leastSize).min(mostSize);
      moved.intoArray(size, i + shift);
      FloatVector kept = gradient.blend(zero, turns);
      kept.intoArray(previous, i + shift);
      FloatVector move =
          zero.blend(moved, kept.compare(VectorOperators.GT, zero))
              .blend(moved.neg(), kept.compare(VectorOperators.LT, zero));
      FloatVector.fromArray(FLOATS, w, i).sub(move).intoArray(w, i);
    }
    scalar.rprop(
        w,
        g,
        previous,
        size,
        whole,
        end,
        shift,
        denominator,
        etaMinus,
        etaPlus,
        leastSize,
        mostSize);
  }

  @Override
  public void lars(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float momentum) {
    int whole = begin + wholeVectors(end - begin);
    FloatVector kept = FloatVector.broadcast(FLOATS, momentum);
    FloatVector decay = FloatVector.broadcast(FLOATS, weightDecay);
    for (int i = begin; i < whole; i += WIDTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector gradient =
          weight.fma(decay, FloatVector.fromArray(FLOATS, g, i).div(denominator));
      FloatVector velocity =
          kept.fma(FloatVector.fromArray(FLOATS, v, i + shift), gradient.mul(rate));
      velocity.intoArray(v, i + shift);
      weight.sub(velocity).intoArray(w, i);
    }
    scalar.lars(w, g, v, whole, end, shift, denominator, weightDecay, rate, momentum);
  }

  @Override
  public double lambMoments(
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float beta1,
      float beta2,
      float epsilon,
      float meanCorrection,
      float rootCorrection) {
    int whole = begin + wholeVectors(end - begin);
    float[] directions = scratch.get().floats(end - begin);
    moments(g, m, v, begin, whole, shift, denominator, beta1, beta2);
    double unused =
        scalar.lambMoments(
            w,
            g,
            m,
            v,
            whole,
            end,
            shift,
            denominator,
            weightDecay,
            beta1,
            beta2,
            epsilon,
            meanCorrection,
            rootCorrection);
    directions(
        w,
        m,
        v,
        begin,
        whole,
        shift,
        weightDecay,
        epsilon,
        meanCorrection,
        rootCorrection,
        directions);
    for (int i = whole; i < end; i++) {
      directions[i - begin] =
          ScalarUpdateKernels.direction(
              w[i],
              m[i + shift],
              v[i + shift],
              weightDecay,
              epsilon,
              meanCorrection,
              rootCorrection);
    }
    return sumOfSquares(directions, 0, end - begin);
  }

  private static void moments(
      float[] g,
      float[] m,
      float[] v,
      int begin,
      int end,
      int shift,
      float denominator,
      float beta1,
      float beta2) {
    FloatVector kept1 = FloatVector.broadcast(FLOATS, beta1);
    FloatVector kept2 = FloatVector.broadcast(FLOATS, beta2);
    float oneMinusBeta1 = 1f - beta1;
    float oneMinusBeta2 = 1f - beta2;
    for (int i = begin; i < end; i += WIDTH) {
      FloatVector gradient = FloatVector.fromArray(FLOATS, g, i).div(denominator);
      kept1
          .fma(FloatVector.fromArray(FLOATS, m, i + shift), gradient.mul(oneMinusBeta1))
          .intoArray(m, i + shift);
      kept2
          .fma(
              FloatVector.fromArray(FLOATS, v, i + shift),
              gradient.mul(oneMinusBeta2).mul(gradient))
          .intoArray(v, i + shift);
    }
  }

  /** Two passes: C2 boxes the last value of a formula that is too long for it. */
  private static void directions(
      float[] w,
      float[] m,
      float[] v,
      int begin,
      int end,
      int shift,
      float weightDecay,
      float epsilon,
      float meanCorrection,
      float rootCorrection,
      float[] to) {
    ratios(m, v, begin, end, shift, epsilon, meanCorrection, rootCorrection, to);
    FloatVector decay = FloatVector.broadcast(FLOATS, weightDecay);
    for (int i = begin; i < end; i += WIDTH) {
      FloatVector ratio = FloatVector.fromArray(FLOATS, to, i - begin);
      FloatVector.fromArray(FLOATS, w, i).fma(decay, ratio).intoArray(to, i - begin);
    }
  }

  private static void ratios(
      float[] m,
      float[] v,
      int begin,
      int end,
      int shift,
      float epsilon,
      float meanCorrection,
      float rootCorrection,
      float[] to) {
    for (int i = begin; i < end; i += WIDTH) {
      FloatVector root = FloatVector.fromArray(FLOATS, v, i + shift).sqrt();
      FloatVector mean = FloatVector.fromArray(FLOATS, m, i + shift).div(meanCorrection);
      mean.div(root.div(rootCorrection).add(epsilon)).intoArray(to, i - begin);
    }
  }

  @Override
  public void lambStep(
      float[] w,
      float[] m,
      float[] v,
      int begin,
      int end,
      int shift,
      float weightDecay,
      float epsilon,
      float meanCorrection,
      float rootCorrection,
      float rate) {
    int whole = begin + wholeVectors(end - begin);
    float[] directions = scratch.get().floats(VectorScratch.BLOCK);
    for (int block = begin; block < whole; block += VectorScratch.BLOCK) {
      int blockEnd = Math.min(whole, block + VectorScratch.BLOCK);
      directions(
          w,
          m,
          v,
          block,
          blockEnd,
          shift,
          weightDecay,
          epsilon,
          meanCorrection,
          rootCorrection,
          directions);
      FloatVector minusRate = FloatVector.broadcast(FLOATS, -rate);
      for (int i = block; i < blockEnd; i += WIDTH) {
        minusRate
            .fma(
                FloatVector.fromArray(FLOATS, directions, i - block),
                FloatVector.fromArray(FLOATS, w, i))
            .intoArray(w, i);
      }
    }
    scalar.lambStep(
        w, m, v, whole, end, shift, weightDecay, epsilon, meanCorrection, rootCorrection, rate);
  }

  @Override
  public double sumOfSquares(float[] x, int begin, int end) {
    double[] chains = scratch.get().doubles(Kernels.LANES);
    int whole = begin + (end - begin) / Kernels.LANES * Kernels.LANES;
    for (int lane = 0; lane < Kernels.LANES; lane += 4) {
      fourChainsOfSquares(x, begin + lane, whole, chains, lane);
    }
    for (int i = whole; i < end; i++) {
      chains[i - whole] += (double) x[i] * x[i];
    }
    for (int half = Kernels.LANES / 2; half >= 1; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        chains[lane] += chains[lane + half];
      }
    }
    return chains[0];
  }

  /**
   * Chains of neighbouring lanes. Without vectors: those of half the width would make C2 of JDK 17
   * doubt which class each vector has, in every kernel that it compiles from then on, and box it.
   */
  private static void fourChainsOfSquares(
      float[] x, int begin, int end, double[] chains, int lane) {
    double chain0 = 0;
    double chain1 = 0;
    double chain2 = 0;
    double chain3 = 0;
    for (int i = begin; i < end; i += Kernels.LANES) {
      double x0 = x[i];
      double x1 = x[i + 1];
      double x2 = x[i + 2];
      double x3 = x[i + 3];
      chain0 += x0 * x0;
      chain1 += x1 * x1;
      chain2 += x2 * x2;
      chain3 += x3 * x3;
    }
    chains[lane] = chain0;
    chains[lane + 1] = chain1;
    chains[lane + 2] = chain2;
    chains[lane + 3] = chain3;
  }

  /**
   * Zero times a finite number is zero, times any other NaN, which every sum with it stays. Without
   * vectors of our own: C2 makes them of such loops, and boxes none where ranges are short.
   */
  @Override
  public boolean isFinite(float[] x, int begin, int end) {
    // A finite number times 0 is 0, all others are NaN, which a sum keeps.
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int i = begin;
    for (; i <= end - 4 * WIDTH; i += 4 * WIDTH) {
      a = FloatVector.fromArray(FLOATS, x, i).mul(0f).add(a);
      b = FloatVector.fromArray(FLOATS, x, i + WIDTH).mul(0f).add(b);
      c = FloatVector.fromArray(FLOATS, x, i + 2 * WIDTH).mul(0f).add(c);
      d = FloatVector.fromArray(FLOATS, x, i + 3 * WIDTH).mul(0f).add(d);
    }
    float sum = a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    return sum == 0 && scalar.isFinite(x, i, end);
  }

  @Override
  public void clamp(float[] x, int begin, int end, float limit) {
    int whole = begin + wholeVectors(end - begin);
    for (int i = begin; i < whole; i += WIDTH) {
      FloatVector.fromArray(FLOATS, x, i).max(-limit).min(limit).intoArray(x, i);
    }
    scalar.clamp(x, whole, end, limit);
  }
}
