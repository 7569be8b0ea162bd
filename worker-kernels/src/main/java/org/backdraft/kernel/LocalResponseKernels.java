package org.backdraft.kernel;

/**
 * Local response normalisation (Krizhevsky, Sutskever and Hinton 2012, section 3.3) of pixels that
 * lie {@code pitch} apart; the pitch has room for whole panels of channels, and padding lanes are
 * written too.
 */
public interface LocalResponseKernels {
  /**
   * {@code y = x · p} with {@code d = fma(Σ x², alpha / size, k)} and {@code p = e^(log(d) ·
   * −beta)}; the sum is a chain of additions of rounded squares from +0 over the window's channels,
   * upwards.
   */
  void apply(
      LocalResponse settings,
      int pixels,
      int channels,
      int pitch,
      float[] x,
      int xBase,
      float[] y,
      int yBase);

  /**
   * {@code dx = fma(x · Σ t, −2 · alpha · beta / size, dy · p)} with {@code t = dy · x · p / d}, d
   * and p as in the forward pass; the sum is a chain from +0 over the channels in whose window x
   * lies, upwards.
   */
  void applyBackward(
      LocalResponse settings,
      int pixels,
      int channels,
      int pitch,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase);
}
