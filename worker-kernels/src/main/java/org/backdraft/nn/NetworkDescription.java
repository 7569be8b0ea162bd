package org.backdraft.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * A network as nested maps and lists, for model files:
 *
 * <pre>{@code
 * {name: tiny, input: [1, 28, 28], layers: [
 *   {name: conv1, type: conv2d, inputs: [input], out: 6, kernel: [5, 5], …},
 *   …]}
 * }</pre>
 *
 * <p>Without {@code inputs} a layer takes the one before it.
 */
public final class NetworkDescription {
  private static final List<String> KEYS = List.of("name", "input", "layers");
  private static final List<String> LAYER_KEYS = List.of("name", "type", "inputs");

  private NetworkDescription() {}

  /** The description, in a fixed order of keys. */
  public static Map<String, Object> toMap(Network network) {
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Network.Node node : network.nodes()) {
      Map<String, Object> layer = new LinkedHashMap<>();
      layer.put("name", node.name());
      layer.put("type", node.layer().type());
      layer.put("inputs", node.inputs());
      layer.putAll(node.layer().attributes());
      layers.add(layer);
    }
    List<Integer> input = new ArrayList<>();
    for (int dim : network.input().toArray()) {
      input.add(dim);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", network.name());
    map.put("input", input);
    map.put("layers", layers);
    return map;
  }

  /**
   * The network of a description.
   *
   * @throws IllegalArgumentException if a key, type or attribute is unknown, missing or of the
   *     wrong kind; names the layer
   * @throws ShapeException if a layer cannot take its input
   */
  public static Network fromMap(Map<?, ?> map) {
    for (Object key : map.keySet()) {
      Checks.argument(
          KEYS.contains(key),
          "A model has no key '%s'%s: it has %s.",
          key,
          NearestName.hint(String.valueOf(key), KEYS),
          KEYS);
    }
    Checks.argument(
        map.get("name") instanceof String,
        "A model must have a name, which is a text: got %s.",
        map.get("name"));
    Checks.argument(
        map.get("layers") instanceof List,
        "A model must have a list of layers: got %s.",
        map.get("layers"));
    NetworkBuilder builder = Network.named((String) map.get("name"), input(map.get("input")));
    for (Object each : (List<?>) map.get("layers")) {
      Checks.argument(
          each instanceof Map, "A layer of a model must be a map of attributes: got %s.", each);
      add(builder, (Map<?, ?>) each);
    }
    return builder.build();
  }

  private static Shape input(Object value) {
    Checks.argument(
        value instanceof List<?> list
            && (list.size() == 1 || list.size() == 3 || list.size() == 4)
            && list.stream().allMatch(Integer.class::isInstance),
        "The input of a model must be [channels, h, w], [channels, d, h, w] or [features]: got %s.",
        value);
    return Shape.of(((List<?>) value).stream().mapToInt(dim -> (Integer) dim).toArray());
  }

  private static void add(NetworkBuilder builder, Map<?, ?> layer) {
    Checks.argument(
        layer.get("name") instanceof String && layer.get("type") instanceof String,
        "A layer of a model must have a name and a type: got %s.",
        layer);
    String name = (String) layer.get("name");
    Map<String, Object> attributes = new LinkedHashMap<>();
    layer.forEach(
        (key, value) -> {
          if (!LAYER_KEYS.contains(key)) {
            attributes.put(String.valueOf(key), value);
          }
        });
    Layer created;
    try {
      created = LayerCatalog.create((String) layer.get("type"), attributes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Layer '" + name + "': " + e.getMessage(), e);
    }
    Object inputs = layer.get("inputs");
    if (inputs == null) {
      builder.add(name, created);
      return;
    }
    Checks.argument(
        inputs instanceof List<?> list && list.stream().allMatch(String.class::isInstance),
        "Layer '%s': inputs must be a list of names of layers: got %s.",
        name,
        inputs);
    builder.add(name, created, ((List<?>) inputs).toArray(String[]::new));
  }
}
