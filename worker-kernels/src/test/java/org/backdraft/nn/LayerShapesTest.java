package org.backdraft.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class LayerShapesTest {
  private static Shape shape(Layer layer, Shape... inputs) {
    return layer.outputShape(List.of(inputs));
  }

  @Test
  void shapesFollowTheFormulas() {
    assertThat(shape(Conv2d.of(6, 5).padding(2), Shape.of(1, 28, 28)))
        .isEqualTo(Shape.of(6, 28, 28));
    assertThat(shape(Conv2d.of(4, 3).stride(2).padding(1), Shape.of(3, 9, 8)))
        .isEqualTo(Shape.of(4, 5, 4));
    assertThat(shape(Conv2d.of(4, 3).dilation(2), Shape.of(3, 9, 8))).isEqualTo(Shape.of(4, 5, 4));
    assertThat(shape(MaxPool2d.of(2), Shape.of(3, 9, 8))).isEqualTo(Shape.of(3, 4, 4));
    assertThat(shape(new MaxPool2d(Window.square(2, 2, 0), true), Shape.of(3, 9, 8)))
        .isEqualTo(Shape.of(3, 5, 4));
    assertThat(shape(new AveragePool2d(Window.square(3, 2, 1), true), Shape.of(3, 9, 8)))
        .isEqualTo(Shape.of(3, 5, 5));
    // The third window would start in the padding below.
    assertThat(shape(new MaxPool2d(Window.square(2, 2, 1), true), Shape.of(3, 3, 2)))
        .isEqualTo(Shape.of(3, 2, 2));
    assertThat(shape(new AdaptiveAveragePool2d(6, 20), Shape.of(3, 9, 8)))
        .isEqualTo(Shape.of(3, 6, 20));
    assertThat(shape(Conv2d.of(6, 3).groups(3), Shape.of(9, 9, 8))).isEqualTo(Shape.of(6, 7, 6));
    assertThat(shape(Conv3d.of(6, 3).stride(2).padding(1), Shape.of(3, 5, 9, 8)))
        .isEqualTo(Shape.of(6, 3, 5, 4));
    assertThat(shape(ConvTranspose2d.of(6, 2), Shape.of(3, 5, 4))).isEqualTo(Shape.of(6, 10, 8));
    Window window = new Window(3, 4, 2, 3, 1, 0, 1, 2);
    assertThat(shape(new ConvTranspose2d(6, window, List.of(1, 2), 1, true), Shape.of(3, 5, 4)))
        .isEqualTo(Shape.of(6, 10, 18));
    assertThat(shape(ConvTranspose3d.of(6, 2), Shape.of(3, 2, 5, 4)))
        .isEqualTo(Shape.of(6, 4, 10, 8));
    assertThat(shape(MaxPool3d.of(2), Shape.of(3, 5, 9, 8))).isEqualTo(Shape.of(3, 2, 4, 4));
    assertThat(shape(new AveragePool3d(Window.cube(2, 2, 0), true), Shape.of(3, 5, 9, 8)))
        .isEqualTo(Shape.of(3, 3, 5, 4));
    assertThat(shape(AveragePool3d.global(), Shape.of(3, 5, 9, 8))).isEqualTo(Shape.of(3, 1, 1, 1));
    assertThat(shape(new Flatten(), Shape.of(3, 5, 9, 8))).isEqualTo(Shape.of(1080));
    assertThat(shape(new Concat(), Shape.of(3, 5, 2, 2), Shape.of(4, 5, 2, 2)))
        .isEqualTo(Shape.of(7, 5, 2, 2));
    assertThat(shape(AveragePool2d.global(), Shape.of(3, 9, 8))).isEqualTo(Shape.of(3, 1, 1));
    assertThat(shape(Upsample2d.bilinear(3), Shape.of(3, 9, 8))).isEqualTo(Shape.of(3, 27, 24));
    assertThat(
            shape(
                new Upsample2d(Upsample2d.Mode.NEAREST, Upsample2d.Measure.SIZE, 5, 20),
                Shape.of(3, 9, 8)))
        .isEqualTo(Shape.of(3, 5, 20));
    assertThat(shape(new Product(), Shape.of(3, 2, 2), Shape.of(3, 2, 2)))
        .isEqualTo(Shape.of(3, 2, 2));
    assertThat(shape(new IdentityShortcut(5, 2), Shape.of(3, 9, 8))).isEqualTo(Shape.of(5, 5, 4));
    assertThat(shape(new Softplus(), Shape.of(3, 9, 8))).isEqualTo(Shape.of(3, 9, 8));
    assertThat(shape(Embedding.of(5, 2), Shape.of(9))).isEqualTo(Shape.of(2, 1, 9));
    assertThat(shape(Embedding.of(5, 2), Shape.of(1, 4, 9))).isEqualTo(Shape.of(2, 4, 9));
    assertThat(shape(Embedding.of(5, 2), Shape.of(1, 3, 4, 9))).isEqualTo(Shape.of(2, 3, 4, 9));
    assertThat(shape(LayerNorm.overChannels(), Shape.of(3, 9, 8))).isEqualTo(Shape.of(3, 9, 8));
    assertThat(shape(LocalResponseNorm.of(5), Shape.of(3, 9, 8))).isEqualTo(Shape.of(3, 9, 8));
    assertThat(shape(new Flatten(), Shape.of(3, 9, 8))).isEqualTo(Shape.of(216));
    assertThat(shape(new Concat(), Shape.of(3, 2, 2), Shape.of(4, 2, 2)))
        .isEqualTo(Shape.of(7, 2, 2));
    assertThat(shape(new Concat(), Shape.of(3), Shape.of(4))).isEqualTo(Shape.of(7));
  }

  @Test
  void errorsNameLayerExpectedAndFoundShape() {
    assertThatThrownBy(
            () -> Network.named("net", Shape.of(1, 28, 28)).add("fc1", Linear.of(10)).build())
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("linear 'fc1' of net")
        .hasMessageContaining("(features)")
        .hasMessageContaining("(1, 28, 28)")
        .hasMessageContaining("flatten");
    assertThatThrownBy(() -> shape(Conv2d.of(1, 3), Shape.of(7))).hasMessageContaining("(7)");
    assertThatThrownBy(() -> shape(Conv2d.of(1, 3), Shape.of(1, 7, 7, 7)))
        .hasMessageContaining("must be an image")
        .hasMessageContaining("(1, 7, 7, 7)");
    assertThatThrownBy(() -> shape(Conv3d.of(1, 3), Shape.of(1, 7, 7)))
        .hasMessageContaining("must be a volume")
        .hasMessageContaining("(1, 7, 7)");
    assertThatThrownBy(() -> shape(Conv3d.of(1, 3), Shape.of(1, 2, 7, 7)))
        .hasMessageContaining("3x3x3")
        .hasMessageContaining("(1, 2, 7, 7)");
    assertThatThrownBy(() -> shape(Conv2d.of(6, 3).groups(3), Shape.of(4, 7, 7)))
        .hasMessageContaining("3 groups")
        .hasMessageContaining("(4, 7, 7)");
    assertThatThrownBy(() -> shape(Conv2d.of(1, 5), Shape.of(1, 4, 9)))
        .hasMessageContaining("(1, 4, 9)")
        .hasMessageContaining("5x5");
    assertThatThrownBy(() -> shape(new Sum(), Shape.of(3), Shape.of(4)))
        .hasMessageContaining("one shape");
    assertThatThrownBy(() -> shape(new Sum(), Shape.of(3))).hasMessageContaining("at least two");
    assertThatThrownBy(() -> shape(new Product(), Shape.of(3), Shape.of(4)))
        .hasMessageContaining("one shape");
    assertThatThrownBy(() -> shape(LocalResponseNorm.of(5), Shape.of(3)))
        .hasMessageContaining("must be an image");
    assertThatThrownBy(() -> shape(Upsample2d.nearest(2), Shape.of(3)))
        .hasMessageContaining("must be an image");
    assertThatThrownBy(() -> shape(new Concat(), Shape.of(3, 1, 2), Shape.of(3, 2, 2)))
        .hasMessageContaining("equal height and width");
    assertThatThrownBy(() -> shape(Linear.of(1), Shape.of(1), Shape.of(1)))
        .hasMessageContaining("one input: got 2");
  }

  @Test
  void settingsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> Conv2d.of(0, 3)).hasMessageContaining("got 0");
    assertThatThrownBy(() -> Conv2d.of(4, 3).groups(3))
        .hasMessageContaining("got 3 groups, 4 channels");
    assertThatThrownBy(() -> new ConvTranspose2d(1, Window.square(3, 2, 0), List.of(0, 2), 1, true))
        .hasMessageContaining("output_padding")
        .hasMessageContaining("got [0, 2]");
    assertThatThrownBy(() -> new Conv2d(1, Window.cube(3, 1, 0), true))
        .hasMessageContaining("flat along the depth");
    assertThatThrownBy(() -> new MaxPool3d(Window.cube(2, 2, 2))).hasMessageContaining("padding");
    assertThatThrownBy(() -> Linear.of(0)).hasMessageContaining("got 0");
    assertThatThrownBy(() -> Embedding.of(0, 3)).hasMessageContaining("got 0 rows, 3 outputs");
    assertThatThrownBy(() -> Embedding.of((1 << 24) + 1, 3)).hasMessageContaining("[1, 16777216]");
    assertThatThrownBy(() -> Embedding.of(4, 3).padding(4)).hasMessageContaining("[0, 4)");
    assertThatThrownBy(() -> shape(Embedding.of(5, 2), Shape.of(3, 4, 9)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("must be indices")
        .hasMessageContaining("(3, 4, 9)");
    assertThatThrownBy(() -> new MaxPool2d(Window.square(2, 2, 2))).hasMessageContaining("padding");
    assertThatThrownBy(() -> new AdaptiveAveragePool2d(0, 3)).hasMessageContaining("got 0x3");
    assertThatThrownBy(() -> new LayerNorm(LayerNorm.Over.CHANNELS, 0))
        .hasMessageContaining("epsilon > 0: got 0");
    assertThatThrownBy(() -> LocalResponseNorm.of(0)).hasMessageContaining("size >= 1");
    assertThatThrownBy(() -> new Softplus(0, 20)).hasMessageContaining("beta > 0");
    assertThatThrownBy(() -> Upsample2d.nearest(0))
        .hasMessageContaining("scale")
        .hasMessageContaining("0x0");
    assertThatThrownBy(() -> new BatchNorm2d(0, 0.1f)).hasMessageContaining("epsilon");
    assertThatThrownBy(() -> Activation.logistic(Float.NaN)).hasMessageContaining("NaN");
  }

  @Test
  void parametersHaveTorchvisionsNamesAndLogicalShapes() {
    Network network =
        Network.named("net", Shape.of(3, 8, 8))
            .add("conv1", Conv2d.of(6, 5))
            .add("bn1", new BatchNorm2d())
            .add("ln1", LayerNorm.overChannels())
            .add("ln2", LayerNorm.overExample())
            .add("flat", new Flatten())
            .add("fc", Linear.of(10))
            .build();
    assertThat(network.parameterTable().entries())
        .extracting(e -> e.name() + e.spec().shape())
        .containsExactly(
            "conv1.weight(6, 3, 5, 5)",
            "conv1.bias(6)",
            "bn1.weight(6)",
            "bn1.bias(6)",
            "ln1.weight(6)",
            "ln1.bias(6)",
            "ln2.weight(6, 4, 4)",
            "ln2.bias(6, 4, 4)",
            "fc.weight(10, 96)",
            "fc.bias(10)");
    assertThat(network.bufferTable().entries())
        .extracting(e -> e.name() + e.spec().shape())
        .containsExactly("bn1.running_mean(6)", "bn1.running_var(6)");
    assertThat(network.parameterTable().entry("conv1.weight").spec().fanIn()).isEqualTo(75);
    assertThat(network.parameterTable().entry("conv1.weight").spec().fanOut()).isEqualTo(150);
  }
}
