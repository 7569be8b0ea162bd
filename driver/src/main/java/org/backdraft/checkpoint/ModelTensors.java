package org.backdraft.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.backdraft.tensor.ParameterTable;

/** Between a network's flat arrays and the named tensors of a model file. */
public final class ModelTensors {
  /** PyTorch's counter in batch normalisation, which Backdraft has no use for. */
  private static final String COUNTER_SUFFIX = ".num_batches_tracked";

  private ModelTensors() {}

  /**
   * The arrays of a table as tensors, copied.
   *
   * @param values at the table's offsets
   */
  public static List<NamedTensor> of(ParameterTable table, float[] values) {
    List<NamedTensor> tensors = new ArrayList<>();
    for (ParameterTable.Entry entry : table.entries()) {
      tensors.add(
          new NamedTensor(
              entry.name(),
              entry.spec().shape(),
              Arrays.copyOfRange(values, entry.begin(), entry.end())));
    }
    return tensors;
  }

  /**
   * Copies a file's tensors to a network's parameters and buffers. Every array of the network must
   * be in the file with its shape, and nothing else, but for counters {@code
   * *.num_batches_tracked}.
   *
   * @param parameterValues written, at the offsets of {@code parameters}
   * @param bufferValues written, at the offsets of {@code buffers}
   * @throws ModelFileException if the file is another model's; lists all that differs, and nothing
   *     was written
   */
  public static void load(
      TensorFile file,
      ParameterTable parameters,
      float[] parameterValues,
      ParameterTable buffers,
      float[] bufferValues)
      throws ModelFileException {
    List<Difference> differences = differences(file, parameters, buffers, name -> false);
    if (!differences.isEmpty()) {
      throw new ModelFileException(
          "%s does not fit the model: %s. Give the model that the file was written for."
              .formatted(
                  file.origin(),
                  String.join("; ", differences.stream().map(Difference::text).toList())));
    }
    copy(file, parameters, parameterValues);
    copy(file, buffers, bufferValues);
  }

  /**
   * A tensor that a file and a network do not both have alike.
   *
   * @param text what differs, for people
   */
  public record Difference(String name, String text) {}

  /**
   * What keeps a file from being a network's.
   *
   * @param isLeft names of tensors that may differ
   */
  public static List<Difference> differences(
      TensorFile file,
      ParameterTable parameters,
      ParameterTable buffers,
      Predicate<String> isLeft) {
    List<Difference> differences = new ArrayList<>();
    Set<String> wanted = new LinkedHashSet<>();
    compare(file, parameters, wanted, differences);
    compare(file, buffers, wanted, differences);
    List<String> names = new ArrayList<>(file.tensors().keySet());
    file.others().forEach(other -> names.add(other.name()));
    for (String name : names) {
      if (!wanted.contains(name) && !name.endsWith(COUNTER_SUFFIX)) {
        differences.add(new Difference(name, "'" + name + "' is not in the model"));
      }
    }
    differences.removeIf(each -> isLeft.test(each.name()));
    return differences;
  }

  private static void compare(
      TensorFile file, ParameterTable table, Set<String> wanted, List<Difference> differences) {
    for (ParameterTable.Entry entry : table.entries()) {
      wanted.add(entry.name());
      NamedTensor tensor = file.tensors().get(entry.name());
      if (tensor == null) {
        differences.add(new Difference(entry.name(), describeMissing(file, entry)));
      } else if (!tensor.shape().equals(entry.spec().shape())) {
        differences.add(
            new Difference(
                entry.name(),
                "'%s' must be %s: found %s"
                    .formatted(entry.name(), entry.spec().shape(), tensor.shape())));
      }
    }
  }

  private static String describeMissing(TensorFile file, ParameterTable.Entry entry) {
    for (TensorFile.Other other : file.others()) {
      if (other.name().equals(entry.name())) {
        return "'%s' must be F32 %s: found %s %s"
            .formatted(entry.name(), entry.spec().shape(), other.type(), other.shape());
      }
    }
    return "'%s' %s is missing".formatted(entry.name(), entry.spec().shape());
  }

  private static void copy(TensorFile file, ParameterTable table, float[] values) {
    for (ParameterTable.Entry entry : table.entries()) {
      float[] from = file.tensors().get(entry.name()).values();
      System.arraycopy(from, 0, values, entry.begin(), from.length);
    }
  }
}
