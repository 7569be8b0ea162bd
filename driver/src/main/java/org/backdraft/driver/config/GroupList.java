package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.text.Glob;

/**
 * Groups of parameters as a configuration has them on one line: {@code match=features.*
 * lr-factor=0.1 weight-decay=0; match=*.bias weight-decay=0}.
 */
final class GroupList {
  private static final String KEY = "optimizer.groups";
  private static final String FORM =
      "A group of optimizer.groups is match=PATTERN and then lr-factor=F, weight-decay=W or both,"
          + " with spaces between them, and a semicolon before the next group";
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
    for (EntryWords entry : EntryWords.parse(KEY, FORM, SETTINGS, text)) {
      groups.add(group(entry));
    }
    return groups;
  }

  private static ParameterGroups.Group group(EntryWords entry) {
    String match = entry.required(MATCH, "a pattern, match=PATTERN");
    float rateFactor = entry.number(RATE_FACTOR, 1);
    float weightDecay = entry.number(WEIGHT_DECAY, ParameterGroups.Group.SAME_DECAY);
    return checked(() -> new ParameterGroups.Group(new Glob(match), rateFactor, weightDecay));
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
