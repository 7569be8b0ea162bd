package org.backdraft.data;

import java.util.LinkedHashMap;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.text.EditDistance;

/**
 * The options of a generated source, {@code name=value} with commas between them. A value: asked
 * for by name, with bounds.
 */
final class SourceOptions {
  private final String uri;
  private final Map<String, String> values;

  private SourceOptions(String uri, Map<String, String> values) {
    this.uri = uri;
    this.values = values;
  }

  /**
   * Reads options.
   *
   * @param uri that they stand in, for messages
   * @param text of the options; empty for none
   * @param known their names
   * @throws IllegalArgumentException if an option is not known or has no value
   */
  static SourceOptions parse(String uri, String text, String... known) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String option : text.isBlank() ? new String[0] : text.split(",", -1)) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option.trim() : option.substring(0, equals).trim();
      Checks.argument(
          equals > 0 && java.util.List.of(known).contains(name),
          "Options must be name=value, with a name of %s: got '%s' in '%s'.%s",
          String.join(", ", known),
          option,
          uri,
          EditDistance.nearest(name, java.util.List.of(known))
              .map(near -> " Did you mean '" + near + "=…'?")
              .orElse(""));
      values.put(name, option.substring(equals + 1).trim());
    }
    return new SourceOptions(uri, values);
  }

  /** A whole number in [low, high]. */
  long whole(String name, long otherwise, long low, long high) {
    String text = values.get(name);
    try {
      long value = text == null ? otherwise : Long.parseLong(text);
      if (value >= low && value <= high) {
        return value;
      }
    } catch (NumberFormatException e) {
      // What is no number is refused below.
    }
    throw refused(name, "a whole number in [" + low + ", " + high + "]", text);
  }

  /** A number in [low, high]. */
  double number(String name, double otherwise, double low, double high) {
    String text = values.get(name);
    try {
      double value = text == null ? otherwise : Double.parseDouble(text);
      if (value >= low && value <= high) {
        return value;
      }
    } catch (NumberFormatException e) {
      // What is no number is refused below.
    }
    throw refused(name, "a number in [" + low + ", " + high + "]", text);
  }

  private IllegalArgumentException refused(String name, String expected, String text) {
    return new IllegalArgumentException(
        "The option %s of '%s' must be %s: got '%s'.".formatted(name, uri, expected, text));
  }
}
