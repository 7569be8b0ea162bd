package org.backdraft.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a safetensors file holds.
 *
 * @param origin the file, for messages
 * @param tensors the float32 tensors by name, in order of their place in the file
 * @param others tensors that Backdraft does not compute with: of another type, or without an
 *     element
 * @param metadata the file's own words, empty where it has none
 */
public record TensorFile(
    String origin,
    Map<String, NamedTensor> tensors,
    List<Other> others,
    Map<String, String> metadata) {
  /**
   * A tensor whose values were not read.
   *
   * @param type as the file names it: {@code I64}
   * @param shape as the file gives it: {@code [2, 0]}
   */
  public record Other(String name, String type, List<Long> shape) {}

  public TensorFile {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    others = List.copyOf(others);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }
}
