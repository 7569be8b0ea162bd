package org.backdraft.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Average pooling is a convolution with a stride whose filter is fixed. */
class AveragePoolingTest {
  private static final long SEED = Long.getLong("tests.seed", 20261128L);
  private static final int EXAMPLES = 5;

  /** Of up to 9 products of numbers below 1. */
  private static final float ROUNDING = 1e-6f;

  private static LayerRig rig(Layer layer, Shape input) {
    LayerRig rig =
        new LayerRig(
            new LayerRig.Setup(layer, input, EXAMPLES, 1, 1, false),
            KernelLookup.choose().kernels());
    rig.fill(SEED);
    return rig;
  }

  /**
   * Each channel by itself, all weights 1/k²: the outputs are the means under the window, padding
   * counted as zeros, and the gradient of an input is what its windows' outputs have, k² times
   * smaller.
   */
  @ParameterizedTest
  @CsvSource({"2,2,0,14,14", "2,2,0,9,12", "3,2,1,14,14", "3,2,1,13,10", "3,1,1,7,8"})
  void equalsADepthwiseConvolutionWithEqualWeights(
      int kernel, int stride, int padding, int height, int width) {
    int channels = 6;
    Shape input = Shape.of(channels, height, width);
    Window window = Window.square(kernel, stride, padding);
    LayerRig pooling = rig(new AveragePool2d(window), input);
    LayerRig convolution = rig(new Conv2d(channels, window, channels, false), input);
    Arrays.fill(convolution.parameters(), 1f / (kernel * kernel));
    pooling.run();
    convolution.run();
    assertThat(convolution.logical(convolution.input(0)))
        .as("both rigs read the same")
        .containsExactly(pooling.logical(pooling.input(0)));
    assertThat(pooling.logical(pooling.output()))
        .as("outputs, -Dtests.seed=%d", SEED)
        .containsExactly(convolution.logical(convolution.output()), within(ROUNDING));
    assertThat(pooling.logical(pooling.inputGradient(0)))
        .as("input gradients, -Dtests.seed=%d", SEED)
        .containsExactly(convolution.logical(convolution.inputGradient(0)), within(ROUNDING));
  }
}
