package org.backdraft.driver;

import static org.backdraft.driver.ConfigurationException.checked;
import static org.backdraft.driver.ConfigurationException.require;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.text.EditDistance;
import org.backdraft.text.Glob;

/**
 * Groups of parameters as a configuration has them on one line: {@code match=features.*
 * lr-factor=0.1 weight-decay=0; match=*.bias weight-decay=0}. Settings are divided by spaces,
 * groups by semicolons.
 */
final class GroupList {
  private static final String MATCH = "match";
  private static final String RATE_FACTOR = "lr-factor";
  private static final String WEIGHT_DECAY = "weight-decay";
  private static final List<String> SETTINGS = List.of(MATCH, RATE_FACTOR, WEIGHT_DECAY);

  private GroupList() {}

  /**
   * The groups of {@code optimizer.groups}.
   *
   * @throws ConfigurationException if the text is none
   */
  static List<ParameterGroups.Group> parse(String text) {
    require(text != null, "optimizer.groups must be groups, or empty for none.");
    List<ParameterGroups.Group> groups = new ArrayList<>();
    for (String each : text.split(";", -1)) {
      if (!each.isBlank()) {
        groups.add(group(each.strip()));
      }
    }
    return groups;
  }

  private static ParameterGroups.Group group(String text) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String word : text.split("\\s+", -1)) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      require(
          equals > 0 && SETTINGS.contains(name),
          "A group of optimizer.groups is match=PATTERN and then lr-factor=F, weight-decay=W or both,"
              + " with spaces between them, and a semicolon before the next group: got '%s' in '%s'.%s",
          word,
          text,
          EditDistance.nearest(name, SETTINGS)
              .map(known -> " Did you mean '" + known + "'?")
              .orElse(""));
      require(
          settings.put(name, word.substring(equals + 1)) == null,
          "A group of optimizer.groups must have %s once: got '%s'.",
          name,
          text);
    }
    require(
        settings.containsKey(MATCH),
        "A group of optimizer.groups must have a pattern, match=PATTERN: got '%s'.",
        text);
    float rateFactor = number(settings, RATE_FACTOR, 1);
    float weightDecay = number(settings, WEIGHT_DECAY, ParameterGroups.Group.SAME_DECAY);
    return checked(
        () -> new ParameterGroups.Group(new Glob(settings.get(MATCH)), rateFactor, weightDecay));
  }

  private static float number(Map<String, String> settings, String name, float absent) {
    String text = settings.get(name);
    if (text == null) {
      return absent;
    }
    try {
      float value = Float.parseFloat(text);
      require(!Float.isNaN(value), "%s of optimizer.groups must be a number: got NaN.", name);
      return value;
    } catch (NumberFormatException e) {
      throw new ConfigurationException(
          "%s of optimizer.groups must be a number: got '%s'.".formatted(name, text), e);
    }
  }

  /** Patterns of names with commas between them; none of an empty text. */
  static List<Glob> patterns(String text) {
    List<Glob> patterns = new ArrayList<>();
    for (String each : text.split(",", -1)) {
      if (!each.isBlank()) {
        patterns.add(new Glob(each.strip()));
      }
    }
    return patterns;
  }
}
