package org.backdraft.onnx;

import java.util.ArrayList;
import java.util.List;

/**
 * A tensor of a case ({@code TensorProto}), in logical order.
 *
 * @param type ONNX's number of the element type
 * @param values the elements of float32 and int64 tensors; empty for all other types, which no
 *     layer takes
 */
record OnnxTensor(int[] dims, int type, double[] values) {
  static final int FLOAT = 1;
  static final int INT64 = 7;

  static OnnxTensor read(ProtobufReader message) {
    List<Long> dims = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    List<Long> integers = new ArrayList<>();
    ProtobufReader raw = null;
    int type = 0;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> message.integers(dims);
        case 2 -> type = (int) message.varint();
        case 4 -> floats(message, values);
        case 7 -> message.integers(integers);
        case 9 -> raw = message.message();
        default -> message.skip();
      }
    }
    for (long each : integers) {
      values.add((double) each);
    }
    while (raw != null && !raw.atEnd() && (type == FLOAT || type == INT64)) {
      values.add(
          type == FLOAT ? (double) raw.fourBytesAsFloat() : (double) raw.littleEndian(Long.BYTES));
    }
    return new OnnxTensor(
        dims.stream().mapToInt(Math::toIntExact).toArray(),
        type,
        values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static void floats(ProtobufReader message, List<Double> to) {
    if (message.wireType() == ProtobufReader.FOUR_BYTES) {
      to.add((double) message.fourBytesAsFloat());
      return;
    }
    ProtobufReader packed = message.message();
    while (!packed.atEnd()) {
      to.add((double) packed.fourBytesAsFloat());
    }
  }

  int rank() {
    return dims.length;
  }

  /** The product of the dims of axes {@code [begin, end)}. */
  int elements(int begin, int end) {
    int elements = 1;
    for (int axis = begin; axis < end; axis++) {
      elements *= dims[axis];
    }
    return elements;
  }

  float[] floats() {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
