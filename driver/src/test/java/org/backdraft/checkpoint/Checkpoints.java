package org.backdraft.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Shape;

/** Small checkpoints whose every value depends on the step. */
final class Checkpoints {
  private Checkpoints() {}

  static Checkpoint of(long step) {
    return of(step, Map.of());
  }

  static Checkpoint of(long step, double accuracy) {
    return of(step, Map.of(CheckpointState.METRIC, accuracy));
  }

  private static Checkpoint of(long step, Map<String, Object> details) {
    return new Checkpoint(
        state(step, details),
        List.of(tensor("fc.weight", step, 2, 3), tensor("fc.bias", step, 2)),
        List.of(
            new Checkpoint.Part("optimizer", List.of(tensor("momentum", -step, 8))),
            new Checkpoint.Part("rank-00003", List.of(tensor("error", step + 1, 3)))),
        Map.of("format", "pt"));
  }

  static CheckpointState state(long step, Map<String, Object> details) {
    Map<String, Object> all = new LinkedHashMap<>(details);
    all.put("cursor", List.of(step, 7L));
    return new CheckpointState(step, 1, 2, 4, "c0", "f00d", all);
  }

  private static NamedTensor tensor(String name, long first, int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) first + i / 8f;
    }
    return new NamedTensor(name, shape, values);
  }

  /** Everything that was read, in a form that can be compared. */
  static List<Object> content(CheckpointStore.Loaded loaded) {
    List<Object> content = new ArrayList<>(List.of(loaded.state()));
    addTensors(content, loaded.model());
    content.add(loaded.model().metadata());
    loaded.parts().keySet().stream()
        .sorted()
        .forEach(
            name -> {
              content.add(name);
              addTensors(content, loaded.parts().get(name));
            });
    return content;
  }

  /** The same of what is to be written. */
  static List<Object> content(Checkpoint checkpoint) {
    List<Object> content = new ArrayList<>(List.of(checkpoint.state()));
    addTensors(content, checkpoint.model());
    content.add(checkpoint.words());
    for (Checkpoint.Part part : checkpoint.parts()) {
      content.add(part.name());
      addTensors(content, part.tensors());
    }
    return content;
  }

  private static void addTensors(List<Object> content, TensorFile file) {
    addTensors(content, List.copyOf(file.tensors().values()));
  }

  private static void addTensors(List<Object> content, List<NamedTensor> tensors) {
    tensors.stream()
        .sorted(java.util.Comparator.comparing(NamedTensor::name))
        .forEach(
            tensor -> {
              content.add(tensor.name());
              content.add(tensor.shape());
              for (float value : tensor.values()) {
                content.add(value);
              }
            });
  }
}
