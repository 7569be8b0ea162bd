package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import java.util.List;
import java.util.Locale;
import org.backdraft.text.EditDistance;

/** Checks of values that several sections of a configuration have. */
final class ConfigChecks {
  private ConfigChecks() {}

  static void requireName(String key, String value) {
    require(value != null && !value.isBlank(), "%s must be given: got an empty name.", key);
  }

  static void requireOneOf(String key, String value, List<String> known) {
    require(
        value != null && known.contains(value),
        "%s must be one of %s: got '%s'.%s",
        key,
        String.join(", ", known),
        value,
        nearest(value, known));
  }

  private static String nearest(String value, List<String> known) {
    return value == null
        ? ""
        : EditDistance.nearest(value, known).map(n -> " Did you mean '" + n + "'?").orElse("");
  }

  static void requireRate(String key, float value, boolean mayBeZero) {
    require(
        Float.isFinite(value) && (value > 0 || (mayBeZero && value == 0)),
        "%s must be a number %s 0: got %s.",
        key,
        mayBeZero ? "of at least" : "above",
        Float.toString(value));
  }

  static void requireFraction(String key, double value) {
    require(
        value >= 0 && value < 1,
        "%s must lie in [0, 1): got %s.",
        key,
        String.format(Locale.ROOT, "%s", value));
  }
}
