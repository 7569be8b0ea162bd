package org.backdraft.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One operator case: a model of one node, its inputs and the outputs that are expected.
 *
 * @param attributes {@link Long}, {@link Float}, {@link String} or {@code List<Long>} each
 */
record OnnxCase(
    String name,
    String operator,
    Map<String, Object> attributes,
    List<OnnxTensor> inputs,
    List<OnnxTensor> outputs) {

  static OnnxCase read(Path folder) throws IOException {
    Path data = folder.resolve("test_data_set_0");
    List<OnnxCase> nodes = new ArrayList<>();
    ProtobufReader model = new ProtobufReader(Files.readAllBytes(folder.resolve("model.onnx")));
    List<OnnxTensor> inputs = tensors(data, "input");
    List<OnnxTensor> outputs = tensors(data, "output");
    while (model.next()) {
      if (model.field() != 7) {
        model.skip();
        continue;
      }
      ProtobufReader graph = model.message();
      while (graph.next()) {
        if (graph.field() == 1) {
          nodes.add(node(folder.getFileName().toString(), graph.message(), inputs, outputs));
        } else {
          graph.skip();
        }
      }
    }
    if (nodes.size() != 1) {
      throw new IOException(folder + " must have one node: has " + nodes.size());
    }
    return nodes.get(0);
  }

  private static List<OnnxTensor> tensors(Path data, String kind) throws IOException {
    List<OnnxTensor> tensors = new ArrayList<>();
    while (true) {
      Path file = data.resolve(kind + "_" + tensors.size() + ".pb");
      if (!Files.exists(file)) {
        return tensors;
      }
      tensors.add(OnnxTensor.read(new ProtobufReader(Files.readAllBytes(file))));
    }
  }

  private static OnnxCase node(
      String name, ProtobufReader node, List<OnnxTensor> inputs, List<OnnxTensor> outputs) {
    String operator = "";
    Map<String, Object> attributes = new HashMap<>();
    while (node.next()) {
      switch (node.field()) {
        case 4 -> operator = node.text();
        case 5 -> attribute(node.message(), attributes);
        default -> node.skip();
      }
    }
    return new OnnxCase(name, operator, attributes, inputs, outputs);
  }

  private static void attribute(ProtobufReader attribute, Map<String, Object> to) {
    String name = "";
    Object value = null;
    List<Long> integers = new ArrayList<>();
    while (attribute.next()) {
      switch (attribute.field()) {
        case 1 -> name = attribute.text();
        case 2 -> value = attribute.fourBytesAsFloat();
        case 3 -> value = attribute.varint();
        case 4 -> value = attribute.text();
        case 8 -> attribute.integers(integers);
        default -> attribute.skip();
      }
    }
    to.put(name, value == null ? integers : value);
  }

  int integer(String attribute, int fallback) {
    Object value = attributes.get(attribute);
    return value == null ? fallback : Math.toIntExact((Long) value);
  }

  float number(String attribute, float fallback) {
    Object value = attributes.get(attribute);
    return value == null ? fallback : (Float) value;
  }

  /** A list of numbers, or {@code count} times the fallback. */
  int[] integers(String attribute, int count, int fallback) {
    Object value = attributes.get(attribute);
    int[] integers = new int[count];
    for (int i = 0; i < count; i++) {
      integers[i] = value == null ? fallback : Math.toIntExact((Long) ((List<?>) value).get(i));
    }
    return integers;
  }

  /** An axis, counted from the end where it is negative. */
  int axis(int fallback) {
    int axis = integer("axis", fallback);
    return axis < 0 ? axis + inputs.get(0).rank() : axis;
  }
}
