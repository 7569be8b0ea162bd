package org.backdraft.nn;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;

/** The attributes of one layer in a model file, read with their types checked. */
final class LayerAttributes {
  private final String type;
  private final Map<String, ?> values;

  /**
   * @param known all attributes that the type has
   * @throws IllegalArgumentException if another one is given; names the nearest known one
   */
  LayerAttributes(String type, Map<String, ?> values, Collection<String> known) {
    this.type = type;
    this.values = values;
    for (String name : values.keySet()) {
      Checks.argument(
          known.contains(name),
          "A %s layer has no attribute '%s'%s: it has %s.",
          type,
          name,
          NearestName.hint(name, known),
          known);
    }
  }

  boolean has(String name) {
    return values.get(name) != null;
  }

  int integer(String name) {
    Object value = values.get(name);
    Checks.argument(
        value instanceof Integer || value instanceof Long,
        "Attribute '%s' of a %s layer must be a whole number: got %s.",
        name,
        type,
        value);
    return Math.toIntExact(((Number) value).longValue());
  }

  int integer(String name, int fallback) {
    return has(name) ? integer(name) : fallback;
  }

  float number(String name, float fallback) {
    Object value = values.get(name);
    if (value == null) {
      return fallback;
    }
    Checks.argument(
        value instanceof Number,
        "Attribute '%s' of a %s layer must be a number: got %s.",
        name,
        type,
        value);
    return ((Number) value).floatValue();
  }

  boolean flag(String name, boolean fallback) {
    Object value = values.get(name);
    if (value == null) {
      return fallback;
    }
    Checks.argument(
        value instanceof Boolean,
        "Attribute '%s' of a %s layer must be true or false: got %s.",
        name,
        type,
        value);
    return (Boolean) value;
  }

  /** One of a few words. */
  String choice(String name, List<String> words, String fallback) {
    Object value = values.get(name);
    if (value == null) {
      return fallback;
    }
    Checks.argument(
        value instanceof String word && words.contains(word),
        "Attribute '%s' of a %s layer must be one of %s: got %s.",
        name,
        type,
        words,
        value);
    return (String) value;
  }

  /** A number for both axes, or a list of two: rows, then columns. */
  int[] pair(String name, int[] fallback) {
    return axes(name, 2, fallback);
  }

  /** A number for all axes, or a list of so many, outermost first. */
  int[] axes(String name, int count, int[] fallback) {
    Object value = values.get(name);
    if (value == null) {
      Checks.argument(fallback != null, "A %s layer must have the attribute '%s'.", type, name);
      return fallback;
    }
    if (value instanceof List<?> list
        && list.size() == count
        && list.stream().allMatch(Integer.class::isInstance)) {
      return list.stream().mapToInt(each -> (Integer) each).toArray();
    }
    Checks.argument(
        value instanceof Integer,
        "Attribute '%s' of a %s layer must be a whole number or a list of %s: got %s.",
        name,
        type,
        count == 2 ? "two" : "three",
        value);
    int[] all = new int[count];
    Arrays.fill(all, (Integer) value);
    return all;
  }
}
