package org.backdraft.optim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** The last changes, from which {@link Lbfgs} makes each direction anew. */
final class LimitedMemory implements InverseHessian {
  /** A change of the weights, and that of the gradient. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Pair(float[] s, float[] y, double curvature) {}

  private final int history;
  private final BlockDots dots;
  private final Deque<Pair> pairs = new ArrayDeque<>(); // the oldest first
  private double scale = 1;

  LimitedMemory(int history, BlockDots dots) {
    this.history = history;
    this.dots = dots;
  }

  @Override
  public void learn(float[] s, float[] y, double curvature) {
    if (pairs.size() == history) {
      pairs.removeFirst();
    }
    pairs.addLast(new Pair(s, y, curvature));
    scale = curvature / dots.of(y, y);
  }

  /** The two-loop recursion. */
  @Override
  public float[] direction(float[] gradient) {
    float[] q = new float[gradient.length];
    for (int i = 0; i < q.length; i++) {
      q[i] = -gradient[i];
    }
    List<Pair> all = new ArrayList<>(pairs);
    double[] alphas = new double[all.size()];
    for (int k = alphas.length - 1; k >= 0; k--) {
      alphas[k] = dots.of(all.get(k).s(), q) / all.get(k).curvature();
      QuasiNewtonSearch.move(all.get(k).y(), -alphas[k], q);
    }
    for (int i = 0; i < q.length; i++) {
      q[i] = (float) (scale * q[i]);
    }
    for (int k = 0; k < alphas.length; k++) {
      double beta = dots.of(all.get(k).y(), q) / all.get(k).curvature();
      QuasiNewtonSearch.move(all.get(k).s(), alphas[k] - beta, q);
    }
    return q;
  }

  /** The changes, the oldest first; zeros for those that are still to come. */
  @Override
  public float[][] saved() {
    float[][] saved = new float[2 * history][];
    int i = 0;
    for (Pair each : pairs) {
      saved[i++] = each.s();
      saved[i++] = each.y();
    }
    Arrays.fill(saved, i, saved.length, new float[dots.length()]);
    return saved;
  }

  @Override
  public void restore(float[][] saved) {
    pairs.clear();
    for (int i = 0; i < saved.length; i += 2) {
      double curvature = dots.of(saved[i + 1], saved[i]);
      if (curvature > 0) { // else it was still to come
        learn(saved[i], saved[i + 1], curvature);
      }
    }
  }
}
