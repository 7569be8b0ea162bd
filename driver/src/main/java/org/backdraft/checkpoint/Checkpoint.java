package org.backdraft.checkpoint;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.backdraft.tensor.Checks;

/**
 * What a checkpoint holds. Immutable but for the arrays, which are shared: nobody changes them
 * until the checkpoint is written.
 *
 * @param model parameters and buffers, as in any model file
 * @param parts the further files of tensors, each with its own name
 * @param words metadata of the model file, which say what network it is the model of; may be empty
 */
public record Checkpoint(
    CheckpointState state, List<NamedTensor> model, List<Part> parts, Map<String, String> words) {
  /**
   * A further file of tensors.
   *
   * @param name {@code optimizer} or {@code rank-00003}: lower-case letters, digits and hyphens
   */
  public record Part(String name, List<NamedTensor> tensors) {
    public Part {
      Checks.argument(
          CheckpointLayout.isPartName(name),
          "A part's name must be of lower-case letters, digits and hyphens, begin with a letter,"
              + " have at most %d of them, and not be 'model': got '%s'.",
          CheckpointLayout.MOST_NAME_LETTERS,
          name);
      tensors = List.copyOf(tensors);
    }
  }

  public Checkpoint {
    model = List.copyOf(model);
    parts = List.copyOf(parts);
    words = Collections.unmodifiableMap(new LinkedHashMap<>(words));
    Set<String> names = new HashSet<>();
    for (Part part : parts) {
      Checks.argument(
          names.add(part.name()),
          "Every part must have its own name: got '%s' twice.",
          part.name());
    }
  }

  /** A checkpoint whose model file has no metadata. */
  public Checkpoint(CheckpointState state, List<NamedTensor> model, List<Part> parts) {
    this(state, model, parts, Map.of());
  }
}
