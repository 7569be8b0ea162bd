package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.backdraft.kernel.PointwiseFunction;
import org.backdraft.tensor.Checks;

/** All layers by the type that model files name them by. */
public final class LayerCatalog {
  private record Kind(List<String> attributes, Function<LayerAttributes, Layer> reader) {}

  private static final Map<String, Kind> KINDS = kinds();

  private LayerCatalog() {}

  private static Map<String, Kind> kinds() {
    Map<String, Kind> kinds = new TreeMap<>();
    kinds.put(Conv2d.TYPE, new Kind(ConvolutionSettings.NAMES, Conv2d::read));
    kinds.put(Conv3d.TYPE, new Kind(ConvolutionSettings.NAMES, Conv3d::read));
    kinds.put(ConvTranspose2d.TYPE, new Kind(TransposedSettings.names(), ConvTranspose2d::read));
    kinds.put(ConvTranspose3d.TYPE, new Kind(TransposedSettings.names(), ConvTranspose3d::read));
    kinds.put(Embedding.TYPE, new Kind(Embedding.NAMES, Embedding::read));
    kinds.put(Linear.TYPE, new Kind(List.of("out", "bias"), Linear::read));
    kinds.put(MaxPool2d.TYPE, new Kind(PoolingLayer.names(), MaxPool2d::read));
    kinds.put(MaxPool3d.TYPE, new Kind(PoolingLayer.names(), MaxPool3d::read));
    kinds.put(AveragePool3d.TYPE, new Kind(PoolingLayer.namesWithGlobal(), AveragePool3d::read));
    kinds.put(AveragePool2d.TYPE, new Kind(PoolingLayer.namesWithGlobal(), AveragePool2d::read));
    kinds.put(AdaptiveAveragePool2d.TYPE, new Kind(List.of("out"), AdaptiveAveragePool2d::read));
    kinds.put(Flatten.TYPE, new Kind(List.of(), a -> new Flatten()));
    kinds.put(Dropout.TYPE, new Kind(List.of("rate"), Dropout::read));
    kinds.put(BatchNorm2d.TYPE, new Kind(List.of("epsilon", "momentum"), BatchNorm2d::read));
    kinds.put(LayerNorm.TYPE, new Kind(List.of("over", "epsilon"), LayerNorm::read));
    kinds.put(
        LocalResponseNorm.TYPE,
        new Kind(List.of("size", "alpha", "beta", "k"), LocalResponseNorm::read));
    kinds.put(Sum.TYPE, new Kind(List.of(), a -> new Sum()));
    kinds.put(Product.TYPE, new Kind(List.of(), a -> new Product()));
    kinds.put(AuxiliaryLoss.TYPE, new Kind(List.of("weight"), AuxiliaryLoss::read));
    kinds.put(
        Distillation.TYPE, new Kind(List.of("match", "temperature", "weight"), Distillation::read));
    kinds.put(IdentityShortcut.TYPE, new Kind(List.of("out", "stride"), IdentityShortcut::read));
    kinds.put(Concat.TYPE, new Kind(List.of(), a -> new Concat()));
    kinds.put(Softplus.TYPE, new Kind(List.of("beta", "threshold"), Softplus::read));
    kinds.put(Upsample2d.TYPE, new Kind(List.of("mode", "scale", "size"), Upsample2d::read));
    for (PointwiseFunction function : PointwiseFunction.values()) {
      List<String> attributes = function.hasSlope() ? List.of("slope") : List.of();
      kinds.put(
          Activation.typeOf(function), new Kind(attributes, a -> Activation.read(function, a)));
    }
    return kinds;
  }

  /** All types, sorted. */
  public static List<String> types() {
    return List.copyOf(KINDS.keySet());
  }

  /**
   * The layer of that type with these attributes; the counterpart of {@link Layer#type} and {@link
   * Layer#attributes}.
   *
   * @param attributes whole numbers as {@link Integer}, other numbers as any {@link Number}, pairs
   *     as lists; missing ones take their default
   * @throws IllegalArgumentException if the type or an attribute is unknown (names the nearest
   *     known one), is missing, or has a value that it must not have
   */
  public static Layer create(String type, Map<String, ?> attributes) {
    Kind kind = KINDS.get(type);
    Checks.argument(
        kind != null,
        "There is no layer of type '%s'%s: there are %s.",
        type,
        NearestName.hint(type, KINDS.keySet()),
        KINDS.keySet());
    return kind.reader().apply(new LayerAttributes(type, attributes, kind.attributes()));
  }
}
