package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Window;

/**
 * A 2-D transposed convolution, as PyTorch's {@code ConvTranspose2d}: the gradient of a convolution
 * with respect to its input, as a layer of its own. Input pixel (y, x) adds {@code x[c] ·
 * weight[c][o][ky][kx]} to output pixel {@code (y·s − p + ky·d, x·s − p + kx·d)}, if that lies
 * inside.
 *
 * <p>Shapes: input {@code (c, h, w)}, weight {@code (c, out / groups, kernelH, kernelW)}, bias
 * {@code (out)}, output {@code (out, h', w')} with {@code h' = (h − 1)·s − 2p + d(k−1) + output
 * padding + 1}.
 *
 * <p>Each output element is one chain of fused multiply-adds from the bias over the taps that reach
 * it, the last one first, then the input channels of its group; beyond the border they take part as
 * +0. The input's gradient is a {@link Conv2d} over the output's, a weight's gradient that of this
 * convolution with the roles of input and output changed.
 *
 * @param out output channels, at least 1
 * @param outputPadding rows below and columns to the right that the output has more; two numbers,
 *     at least 0 and smaller than the stride or the dilation
 * @param groups at least 1, a divisor of {@code out} and of the input's channels
 * @param bias whether a bias is added
 */
public record ConvTranspose2d(
    int out, Window window, List<Integer> outputPadding, int groups, boolean bias)
    implements TransposedLayer {
  static final String TYPE = "conv_transpose2d";

  public ConvTranspose2d {
    outputPadding =
        TransposedSettings.checked(
            TYPE, WindowAttributes.IMAGE, out, window, outputPadding, groups, bias);
  }

  /**
   * With a square window that moves by its own size and a bias: each input pixel becomes a square
   * of its own.
   */
  public static ConvTranspose2d of(int out, int kernel) {
    return new ConvTranspose2d(out, Window.square(kernel, kernel, 0), List.of(0, 0), 1, true);
  }

  static ConvTranspose2d read(LayerAttributes attributes) {
    TransposedSettings read = TransposedSettings.read(TYPE, WindowAttributes.IMAGE, attributes);
    ConvolutionSettings convolution = read.convolution();
    return new ConvTranspose2d(
        convolution.out(),
        convolution.window(),
        read.outputPadding(),
        convolution.groups(),
        convolution.bias());
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public int axes() {
    return WindowAttributes.IMAGE;
  }
}
