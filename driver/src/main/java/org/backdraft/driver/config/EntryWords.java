package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.text.EditDistance;

/**
 * One entry of a list that a configuration has on one line: words {@code setting=value} with spaces
 * between them; entries are divided by semicolons.
 *
 * @param key of the configuration, for messages
 * @param text as it was written
 * @param values by setting, in order
 */
record EntryWords(String key, String text, Map<String, String> values) {
  /**
   * The entries of a list.
   *
   * @param key of the configuration
   * @param form what an entry is like, for the message: {@code A group of optimizer.groups is …}
   * @param known the settings that an entry may have
   * @throws ConfigurationException if a word is none, or a setting is there twice
   */
  static List<EntryWords> parse(String key, String form, List<String> known, String list) {
    List<EntryWords> entries = new ArrayList<>();
    for (String each : list.split(";", -1)) {
      if (!each.isBlank()) {
        entries.add(entry(key, form, known, each.strip()));
      }
    }
    return entries;
  }

  private static EntryWords entry(String key, String form, List<String> known, String text) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String word : text.split("\\s+", -1)) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      require(
          equals > 0 && known.contains(name),
          "%s: got '%s' in '%s'.%s",
          form,
          word,
          text,
          EditDistance.nearest(name, known)
              .map(near -> " Did you mean '" + near + "'?")
              .orElse(""));
      require(
          values.put(name, word.substring(equals + 1)) == null,
          "An entry of %s must have %s once: got '%s'.",
          key,
          name,
          text);
    }
    return new EntryWords(key, text, values);
  }

  boolean has(String setting) {
    return values.containsKey(setting);
  }

  /**
   * A setting that must be there.
   *
   * @param form how it is written: {@code match=PATTERN}
   */
  String required(String setting, String form) {
    require(has(setting), "An entry of %s must have %s: got '%s'.", key, form, text);
    return values.get(setting);
  }

  /** A number; {@code absent} if it is not there. */
  float number(String setting, float absent) {
    if (!has(setting)) {
      return absent;
    }
    try {
      float value = Float.parseFloat(values.get(setting));
      require(!Float.isNaN(value), "%s of %s must be a number: got NaN.", setting, key);
      return value;
    } catch (NumberFormatException e) {
      throw new ConfigurationException(
          "%s of %s must be a number: got '%s'.".formatted(setting, key, values.get(setting)), e);
    }
  }

  /** A whole number; {@code absent} if it is not there. */
  int whole(String setting, int absent) {
    return has(setting) ? whole(setting, values.get(setting)) : absent;
  }

  /** What a part of a setting's value says. */
  int whole(String setting, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new ConfigurationException(
          "%s of %s must be a whole number: got '%s'.".formatted(setting, key, value), e);
    }
  }
}
