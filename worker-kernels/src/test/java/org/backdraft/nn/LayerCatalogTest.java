package org.backdraft.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class LayerCatalogTest {
  private static final List<Layer> LAYERS =
      List.of(
          Conv2d.of(6, 5).padding(2),
          new Conv2d(3, new Window(1, 2, 3, 4, 5, 6, 7, 8), false),
          new Conv2d(6, Window.square(3, 1, 1), 3, true),
          Conv3d.of(6, 3).padding(1).stride(2),
          new Conv3d(
              4,
              new Window(
                  new WindowAxis(1, 2, 3, 4),
                  new WindowAxis(5, 6, 7, 8),
                  new WindowAxis(9, 1, 2, 3)),
              2,
              false),
          Embedding.of(7, 3),
          Embedding.of(7, 3).padding(0),
          Linear.of(10),
          Linear.of(3).withoutBias(),
          MaxPool2d.of(2),
          new MaxPool2d(Window.square(3, 2, 1)),
          new MaxPool2d(Window.square(3, 2, 1), true),
          new AveragePool2d(Window.square(3, 2, 1), true),
          ConvTranspose2d.of(6, 2),
          new ConvTranspose2d(6, new Window(3, 2, 2, 3, 1, 0, 1, 1), List.of(1, 2), 2, false),
          ConvTranspose3d.of(6, 2),
          new ConvTranspose3d(6, Window.cube(3, 2, 1), List.of(1, 0, 1), 3, true),
          MaxPool3d.of(2),
          new MaxPool3d(Window.cube(3, 2, 1), true),
          AveragePool3d.of(2),
          new AveragePool3d(Window.cube(3, 2, 1), true),
          AveragePool3d.global(),
          new AdaptiveAveragePool2d(6, 7),
          AveragePool2d.of(3),
          AveragePool2d.global(),
          new Flatten(),
          Activation.relu(),
          Activation.logistic(2.5f),
          Activation.tanh(),
          Activation.gelu(),
          Activation.geluTanh(),
          Activation.leakyRelu(0.2f),
          Activation.relu6(),
          new AuxiliaryLoss(0.4f),
          new Distillation(Distillation.Match.OUTPUTS, 1, 0.5f),
          new IdentityShortcut(16, 2),
          Activation.step(),
          LayerNorm.overExample(),
          new LayerNorm(LayerNorm.Over.CHANNELS, 1e-6f),
          LocalResponseNorm.of(5),
          LocalResponseNorm.krizhevsky(),
          new Softplus(),
          new Softplus(2, 10),
          Upsample2d.nearest(2),
          new Upsample2d(Upsample2d.Mode.BILINEAR, Upsample2d.Measure.SCALE, 2, 3),
          new Upsample2d(Upsample2d.Mode.BILINEAR, Upsample2d.Measure.SIZE, 20, 30),
          new Product(),
          new Dropout(0.3f),
          new BatchNorm2d(),
          new BatchNorm2d(1e-3f, 0.01f),
          new Sum(),
          new Concat());

  @Test
  void everyLayerComesBackFromItsTypeAndAttributes() {
    Set<String> seen = new HashSet<>();
    for (Layer layer : LAYERS) {
      assertThat(LayerCatalog.create(layer.type(), layer.attributes())).isEqualTo(layer);
      seen.add(layer.type());
    }
    assertThat(seen).as("types without a case here").containsAll(LayerCatalog.types());
  }

  @Test
  void missingAttributesTakeTheirDefaults() {
    assertThat(LayerCatalog.create("conv2d", Map.of("out", 6, "kernel", 5)))
        .isEqualTo(Conv2d.of(6, 5));
    assertThat(LayerCatalog.create("max_pool2d", Map.of("kernel", List.of(2, 2))))
        .isEqualTo(MaxPool2d.of(2));
    assertThat(LayerCatalog.create("batch_norm2d", Map.of())).isEqualTo(new BatchNorm2d());
    assertThat(LayerCatalog.create("leaky_relu", Map.of())).isEqualTo(Activation.leakyRelu(0.01f));
    assertThat(LayerCatalog.create("layer_norm", Map.of())).isEqualTo(LayerNorm.overExample());
    assertThat(LayerCatalog.create("local_response_norm", Map.of("size", 5)))
        .isEqualTo(LocalResponseNorm.of(5));
    assertThat(LayerCatalog.create("softplus", Map.of())).isEqualTo(new Softplus(1, 20));
    assertThat(LayerCatalog.create("upsample2d", Map.of("scale", 2)))
        .isEqualTo(Upsample2d.nearest(2));
    assertThat(LayerCatalog.create("embedding", Map.of("rows", 5, "out", 2)))
        .isEqualTo(new Embedding(5, 2, Embedding.NO_PADDING));
    assertThat(LayerCatalog.create("dropout", Map.of("rate", 0.5))).isEqualTo(new Dropout(0.5f));
  }

  @Test
  void unknownTypesAndAttributesAreRefusedWithTheNearestName() {
    assertThatThrownBy(() -> LayerCatalog.create("conv2", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("did you mean 'conv2d'?");
    assertThatThrownBy(() -> LayerCatalog.create("linear", Map.of("outs", 3)))
        .hasMessageContaining("no attribute 'outs' (did you mean 'out'?)");
    assertThatThrownBy(() -> LayerCatalog.create("sum", Map.of("rate", 1)))
        .hasMessageContaining("sum layer has no attribute 'rate'");
  }

  @Test
  void attributesOfTheWrongKindAreRefused() {
    assertThatThrownBy(() -> LayerCatalog.create("linear", Map.of("out", "ten")))
        .hasMessageContaining("whole number: got ten");
    assertThatThrownBy(() -> LayerCatalog.create("linear", Map.of())).hasMessageContaining("'out'");
    assertThatThrownBy(() -> LayerCatalog.create("conv2d", Map.of("out", 1)))
        .hasMessageContaining("must have the attribute 'kernel'");
    assertThatThrownBy(
            () -> LayerCatalog.create("conv2d", Map.of("out", 1, "kernel", List.of(1, 2, 3))))
        .hasMessageContaining("list of two");
    assertThatThrownBy(() -> LayerCatalog.create("dropout", Map.of("rate", 1.0)))
        .hasMessageContaining("[0, 1)");
    assertThatThrownBy(() -> LayerCatalog.create("upsample2d", Map.of("scale", 2, "mode", "cubic")))
        .hasMessageContaining("one of [nearest, bilinear]: got cubic");
    assertThatThrownBy(() -> LayerCatalog.create("upsample2d", Map.of("scale", 2, "size", 9)))
        .hasMessageContaining("either a scale or a size: got both");
    assertThatThrownBy(() -> LayerCatalog.create("gelu", Map.of("slope", 2)))
        .hasMessageContaining("no attribute 'slope'");
    assertThatThrownBy(
            () -> LayerCatalog.create("average_pool2d", Map.of("global", true, "kernel", 2)))
        .hasMessageContaining("covers the whole input");
  }

  @Test
  void aNetworkComesBackFromItsDescription() {
    Network network =
        Network.named("net", Shape.of(2, 8, 8))
            .add("conv1", Conv2d.of(4, 3).padding(1))
            .add("relu", Activation.relu())
            .add("conv2", Conv2d.of(4, 3).padding(1).withoutBias())
            .add("sum", new Sum(), "conv2", "relu")
            .add("flat", new Flatten())
            .add("fc", Linear.of(10))
            .build();
    Map<String, Object> map = NetworkDescription.toMap(network);
    Network back = NetworkDescription.fromMap(map);
    assertThat(back.nodes()).isEqualTo(network.nodes());
    assertThat(back.name()).isEqualTo("net");
    assertThat(back.input()).isEqualTo(network.input());
    assertThat(map.keySet()).containsExactly("name", "input", "layers");
    assertThat(map.get("input")).isEqualTo(List.of(2, 8, 8));
  }

  @Test
  void aDescriptionWithMistakesIsRefusedWithTheLayersName() {
    Map<String, Object> fc = new LinkedHashMap<>(Map.of("name", "fc", "type", "liner", "out", 3));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", "net");
    map.put("input", List.of(4));
    map.put("layers", List.of(fc));
    assertThatThrownBy(() -> NetworkDescription.fromMap(map))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Layer 'fc'")
        .hasMessageContaining("did you mean 'linear'?");
    fc.put("type", "linear");
    assertThat(NetworkDescription.fromMap(map).output()).isEqualTo(Shape.of(3));
    fc.put("inputs", "input");
    assertThatThrownBy(() -> NetworkDescription.fromMap(map)).hasMessageContaining("list of names");
    fc.put("inputs", List.of("nobody"));
    assertThatThrownBy(() -> NetworkDescription.fromMap(map)).hasMessageContaining("nobody");
    fc.put("inputs", List.of("input"));
    map.put("inputs", List.of(4));
    assertThatThrownBy(() -> NetworkDescription.fromMap(map))
        .hasMessageContaining("no key 'inputs' (did you mean 'input'?)");
    map.remove("inputs");
    map.put("input", List.of(4, 4));
    assertThatThrownBy(() -> NetworkDescription.fromMap(map)).hasMessageContaining("[4, 4]");
  }
}
