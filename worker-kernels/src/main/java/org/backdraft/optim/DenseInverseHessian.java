package org.backdraft.optim;

/**
 * The approximated inverse Hessian of BFGS, all of it (Nocedal and Wright 2006, equation 6.17):
 * {@code H' = (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ} with {@code ρ = 1 / yᵀs}, beginning with the
 * identity, which the first step scales by {@code yᵀs / yᵀy} (equation 6.20).
 */
final class DenseInverseHessian implements InverseHessian {
  private final BlockDots dots;
  private float[][] rows;
  private boolean isScaled;

  DenseInverseHessian(BlockDots dots) {
    this.dots = dots;
    rows = diagonal(dots.length(), 1);
  }

  private static float[][] diagonal(int length, double value) {
    float[][] rows = new float[length][length];
    for (int i = 0; i < length; i++) {
      rows[i][i] = (float) value;
    }
    return rows;
  }

  @Override
  public float[] direction(float[] gradient) {
    float[] direction = new float[gradient.length];
    for (int i = 0; i < direction.length; i++) {
      direction[i] = (float) -dots.of(rows[i], gradient);
    }
    return direction;
  }

  @Override
  public void learn(float[] s, float[] y, double curvature) {
    if (!isScaled) {
      rows = diagonal(s.length, curvature / dots.of(y, y));
      isScaled = true;
    }
    double[] product = new double[s.length];
    double form = 0;
    for (int i = 0; i < product.length; i++) {
      product[i] = dots.of(rows[i], y);
      form += y[i] * product[i];
    }
    double rho = 1 / curvature;
    double factor = rho * (1 + rho * form);
    for (int i = 0; i < product.length; i++) {
      for (int j = 0; j <= i; j++) {
        double change = factor * s[i] * s[j] - rho * (s[i] * product[j] + product[i] * s[j]);
        rows[i][j] = (float) (rows[i][j] + change);
        rows[j][i] = rows[i][j];
      }
    }
  }

  @Override
  public float[][] saved() {
    return rows;
  }

  @Override
  public void restore(float[][] saved) {
    rows = saved;
    isScaled = false; // what only the first step can tell
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows.length; j++) {
        isScaled |= rows[i][j] != (i == j ? 1 : 0);
      }
    }
  }
}
