package org.backdraft.nn;

import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;

/**
 * A convolution between a large and a small volume in double, written as the sum that defines it:
 * {@code small[o] += large[c] · weight[o][c]} over groups, pixels and taps.
 */
record ConvolutionOracle(Window window, int groups, Shape large, Shape small, int examples) {
  /** What happens with each pair of pixels that a tap joins. */
  private interface Term {
    void at(int large, int small, int weight);
  }

  /** {@code small = Σ large · weight}. */
  double[] forward(float[] large, float[] weight) {
    double[] sum = new double[examples * small.elements()];
    each((l, s, w) -> sum[s] += (double) large[l] * weight[w]);
    return sum;
  }

  /** {@code large = Σ small · weight}, the transpose. */
  double[] transposed(float[] small, float[] weight) {
    double[] sum = new double[examples * large.elements()];
    each((l, s, w) -> sum[l] += (double) small[s] * weight[w]);
    return sum;
  }

  /** {@code weight = Σ large · small}. */
  double[] weight(float[] large, float[] small) {
    int elements = this.small.dim(0) * (this.large.dim(0) / groups) * window.taps();
    double[] sum = new double[elements];
    each((l, s, w) -> sum[w] += (double) large[l] * small[s]);
    return sum;
  }

  private void each(Term term) {
    ActivationLayout in = ActivationLayout.dense(large);
    ActivationLayout out = ActivationLayout.dense(small);
    int inGroup = in.channels() / groups;
    int outGroup = out.channels() / groups;
    for (int e = 0; e < examples; e++) {
      for (int o = 0; o < out.channels(); o++) {
        for (int pixel = 0; pixel < out.pixels(); pixel++) {
          int s = (e * out.channels() + o) * out.pixels() + pixel;
          for (int t = 0; t < window.taps(); t++) {
            int z = position(window.depth(), pixel / (out.height() * out.width()), window.tapZ(t));
            int y = position(window.height(), pixel / out.width() % out.height(), window.tapY(t));
            int x = position(window.width(), pixel % out.width(), window.tapX(t));
            if (!in.contains(z, y, x)) {
              continue;
            }
            for (int c = 0; c < inGroup; c++) {
              int channel = o / outGroup * inGroup + c;
              int l =
                  (e * in.channels() + channel) * in.pixels()
                      + (z * in.height() + y) * in.width()
                      + x;
              term.at(l, s, (o * inGroup + c) * window.taps() + t);
            }
          }
        }
      }
    }
  }

  private static int position(WindowAxis axis, int output, int tap) {
    return output * axis.stride() - axis.padding() + tap * axis.dilation();
  }
}
