package org.backdraft.driver.config;

import static org.backdraft.driver.config.ConfigChecks.requireOneOf;
import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Loss;
import org.backdraft.loss.LossSettings;

/**
 * The heads of a network as a configuration has them on one line: {@code name=digit
 * loss=softmax-cross-entropy classes=10 targets=1; name=place loss=mse weight=5 targets=2-3}.
 */
final class HeadList {
  private static final String KEY = "loss.heads";
  private static final String FORM =
      "A head of loss.heads is name=NAME loss=LOSS targets=FIRST-LAST and, if its target is a class,"
          + " classes=N, then weight=W and settings of its loss, with spaces between them, and a"
          + " semicolon before the next head";
  private static final String NAME = "name";
  private static final String LOSS = "loss";
  private static final String WEIGHT = "weight";
  private static final String CLASSES = "classes";
  private static final String TARGETS = "targets";
  private static final String SMOOTHING = "label-smoothing";
  private static final String IGNORED = "ignored-label";
  private static final String DELTA = "delta";
  private static final String MARGIN = "margin";
  private static final List<String> SETTINGS =
      List.of(NAME, LOSS, WEIGHT, CLASSES, TARGETS, SMOOTHING, IGNORED, DELTA, MARGIN);

  private HeadList() {}

  /**
   * The heads of {@code loss.heads}.
   *
   * @throws ConfigurationException if the text is none, or empty
   */
  static HeadLosses parse(String text) {
    List<Head> heads = new ArrayList<>();
    for (EntryWords entry : EntryWords.parse(KEY, FORM, SETTINGS, text)) {
      heads.add(head(entry));
    }
    require(
        !heads.isEmpty(),
        "loss.heads must say what the heads are, with loss.name=%s. %s.",
        HeadLosses.NAME,
        FORM);
    return checked(() -> new HeadLosses(heads));
  }

  private static Head head(EntryWords entry) {
    String name = entry.required(NAME, "a name, name=NAME");
    String loss = entry.required(LOSS, "a loss, loss=NAME");
    requireOneOf(KEY + " (loss of head " + name + ")", loss, LossSettings.names());
    String targets = entry.required(TARGETS, "numbers of an example, targets=FIRST-LAST");
    int dash = targets.indexOf('-');
    int first = entry.whole(TARGETS, dash < 0 ? targets : targets.substring(0, dash));
    int last = dash < 0 ? first : entry.whole(TARGETS, targets.substring(dash + 1));
    require(
        first >= 1 && last >= first,
        "targets of %s must be numbers of an example, counted from 1, like 2 or 2-3: got '%s'.",
        KEY,
        targets);
    LossSettings defaults = LossSettings.defaults();
    LossSettings settings =
        new LossSettings(
            entry.number(SMOOTHING, defaults.labelSmoothing()),
            List.of(),
            entry.whole(IGNORED, defaults.ignoredLabel()),
            entry.number(DELTA, defaults.delta()),
            entry.number(MARGIN, defaults.margin()));
    float weight = entry.number(WEIGHT, 1);
    int classes = entry.whole(CLASSES, 0);
    try {
      Loss function = settings.create(loss);
      return new Head(name, function, weight, classes, first - 1, last - first + 1);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "Head '%s' of %s: %s".formatted(name, KEY, e.getMessage()), e);
    }
  }
}
