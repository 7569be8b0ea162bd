package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Window;

/**
 * A 3-D transposed convolution, as PyTorch's {@code ConvTranspose3d}: {@link ConvTranspose2d} with
 * a third axis, the depth, which is the outermost.
 *
 * <p>Shapes: input {@code (c, d, h, w)}, weight {@code (c, out / groups, kernelD, kernelH,
 * kernelW)}, bias {@code (out)}, output {@code (out, d', h', w')} with {@code d' = (d − 1)·s − 2p +
 * dilation·(k−1) + output padding + 1}. Orders of sums are those of {@link ConvTranspose2d}.
 *
 * @param out output channels, at least 1
 * @param outputPadding planes, rows and columns that the output has more; three numbers, at least 0
 *     and smaller than the stride or the dilation
 * @param groups at least 1, a divisor of {@code out} and of the input's channels
 * @param bias whether a bias is added
 */
public record ConvTranspose3d(
    int out, Window window, List<Integer> outputPadding, int groups, boolean bias)
    implements TransposedLayer {
  static final String TYPE = "conv_transpose3d";

  public ConvTranspose3d {
    outputPadding =
        TransposedSettings.checked(
            TYPE, WindowAttributes.VOLUME, out, window, outputPadding, groups, bias);
  }

  /**
   * With a cubic window that moves by its own size and a bias: each input pixel becomes a cube of
   * its own.
   */
  public static ConvTranspose3d of(int out, int kernel) {
    return new ConvTranspose3d(out, Window.cube(kernel, kernel, 0), List.of(0, 0, 0), 1, true);
  }

  static ConvTranspose3d read(LayerAttributes attributes) {
    TransposedSettings read = TransposedSettings.read(TYPE, WindowAttributes.VOLUME, attributes);
    ConvolutionSettings convolution = read.convolution();
    return new ConvTranspose3d(
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
    return WindowAttributes.VOLUME;
  }
}
