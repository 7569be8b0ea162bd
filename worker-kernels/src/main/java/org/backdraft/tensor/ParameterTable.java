package org.backdraft.tensor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each named array lies in one flat {@code float[]}: entries follow each other in the given
 * order, each in logical row-major order ({@code OIHW}, {@code (out, in)}), without gaps.
 *
 * <p>Parameters, their gradients and every slot of optimiser state share one table, so optimisers,
 * collectives and checkpoints work on ranges of the flat array.
 */
public final class ParameterTable {
  /** One array and its range {@code [begin, end)}. */
  public record Entry(ParameterSpec spec, int begin, int end) {
    public String name() {
      return spec.name();
    }

    public int length() {
      return end - begin;
    }
  }

  private final List<Entry> entries;
  private final Map<String, Entry> byName = new LinkedHashMap<>();
  private final int size;

  /**
   * @throws IllegalArgumentException if a name comes twice or the sizes add up to more than 2^31 −
   *     1
   */
  public ParameterTable(List<ParameterSpec> specs) {
    long offset = 0;
    for (ParameterSpec spec : specs) {
      long end = offset + spec.shape().elements();
      Checks.argument(
          end <= Integer.MAX_VALUE,
          "A network must have at most 2^31 - 1 parameters: '%s' ends at %d.",
          spec.name(),
          end);
      Entry previous = byName.put(spec.name(), new Entry(spec, (int) offset, (int) end));
      Checks.argument(
          previous == null,
          "Every parameter must have its own name: '%s' comes twice.",
          spec.name());
      offset = end;
    }
    entries = List.copyOf(byName.values());
    size = (int) offset;
  }

  /** All entries in order of their ranges. */
  public List<Entry> entries() {
    return entries;
  }

  /**
   * The entry of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Entry entry(String name) {
    Entry entry = byName.get(name);
    Checks.argument(
        entry != null, "No parameter is named '%s': there are %s.", name, byName.keySet());
    return entry;
  }

  /** The number of elements of all entries together. */
  public int size() {
    return size;
  }
}
