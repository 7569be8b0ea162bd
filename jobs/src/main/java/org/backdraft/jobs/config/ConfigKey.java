package org.backdraft.jobs.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;

/**
 * One key of the configuration, as users write it, with the type of its value.
 *
 * @param name dotted: {@code data.batch}
 * @param type of the record component that it sets
 */
public record ConfigKey(String name, Class<?> type) {
  private static final String BATCH = "data.batch";
  private static final String ALL = "all";

  /** All keys in the order of {@link TrainingConfig}'s records. */
  public static List<ConfigKey> all() {
    List<ConfigKey> keys = new ArrayList<>();
    collect("", TrainingConfig.class, keys);
    return List.copyOf(keys);
  }

  private static void collect(String prefix, Class<?> section, List<ConfigKey> keys) {
    for (RecordComponent component : section.getRecordComponents()) {
      String name = prefix + nameOf(component);
      if (component.getType().isRecord()) {
        collect(name + ".", component.getType(), keys);
      } else {
        keys.add(new ConfigKey(name, component.getType()));
      }
    }
  }

  /** The last part of the key that sets a record component. */
  static String nameOf(RecordComponent component) {
    JsonProperty property = component.getAccessor().getAnnotation(JsonProperty.class);
    return property == null ? component.getName() : property.value();
  }

  /** Whether a value is the word for all examples, of the one key that takes it. */
  private boolean isWord(Object value) {
    return name.equals(BATCH) && ALL.equals(value);
  }

  /** A value as users write it. */
  static Object written(String name, Object value) {
    return name.equals(BATCH) && value.equals(DataConfig.ALL) ? ALL : value;
  }

  /**
   * A value as the record takes it.
   *
   * @param value from YAML (typed) or from a command line (text); null only for text
   * @param source where it was written, for the message
   * @throws ConfigurationException if it is not of this key's type
   */
  Object convert(Object value, String source) {
    if (isWord(value)) {
      return DataConfig.ALL;
    }
    if (type == String.class && value instanceof List<?> list) {
      return joined(list, source);
    }
    if (type == String.class) {
      if (value == null || value instanceof Boolean || value instanceof Number) {
        return value == null ? null : value.toString();
      }
      return require(value instanceof String, "a text", value, source) ? value : null;
    }
    if (type == boolean.class) {
      String text = String.valueOf(value);
      require(text.equals("true") || text.equals("false"), "true or false", value, source);
      return Boolean.valueOf(text);
    }
    if (type == int.class || type == long.class) {
      return whole(value, source);
    }
    if (type == float.class || type == double.class) {
      return fraction(value, source);
    }
    throw new AssertionError("No conversion to " + type + " for " + name);
  }

  /**
   * A YAML list on one line, as {@code --set} takes it: scalars with commas between them; of
   * mappings their entries as words {@code key=value}, with semicolons between mappings.
   */
  private String joined(List<?> list, String source) {
    boolean hasMappings = list.stream().anyMatch(Map.class::isInstance);
    List<String> parts = new ArrayList<>();
    for (Object each : list) {
      require(
          each instanceof Map<?, ?> == hasMappings && !(each instanceof List<?>),
          "a list of values, or one of mappings",
          list,
          source);
      parts.add(each instanceof Map<?, ?> mapping ? words(mapping) : String.valueOf(each));
    }
    return String.join(hasMappings ? "; " : ",", parts);
  }

  private static String words(Map<?, ?> mapping) {
    return mapping.entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .collect(Collectors.joining(" "));
  }

  private Object whole(Object value, String source) {
    String expected = "a whole number of at most " + (type == int.class ? 32 : 64) + " bits";
    try {
      // By way of decimal digits, so that 1e6 and 1000000.0 are whole numbers too.
      BigDecimal number = new BigDecimal(String.valueOf(value).trim());
      return type == int.class ? (Object) number.intValueExact() : number.longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      require(false, expected, value, source);
      throw new AssertionError(e);
    }
  }

  private Object fraction(Object value, String source) {
    try {
      String text = String.valueOf(value).trim();
      return type == float.class ? (Object) Float.parseFloat(text) : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      require(false, "a number", value, source);
      throw new AssertionError(e);
    }
  }

  private boolean require(boolean holds, String expected, Object value, String source) {
    if (!holds) {
      throw new ConfigurationException(
          "%s must be %s: got '%s' (%s).".formatted(name, expected, value, source));
    }
    return true;
  }
}
