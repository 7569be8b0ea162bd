package org.backdraft.driver.config;

import static org.backdraft.driver.config.ConfigChecks.requireOneOf;
import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Loss;
import org.backdraft.loss.LossSettings;

/**
 * The loss: what {@link LossSettings} says; the section {@code loss}.
 *
 * @param name of a loss, or {@code heads} for a network with several answers
 * @param classWeights numbers with commas between them, one for each class; empty for all 1
 * @param heads what they are, see {@link HeadList}; empty unless the name is {@code heads}
 */
public record LossConfig(
    @JsonProperty("name") String name,
    @JsonProperty("label-smoothing") float labelSmoothing,
    @JsonProperty("class-weights") String classWeights,
    @JsonProperty("ignored-label") int ignoredLabel,
    @JsonProperty("delta") float delta,
    @JsonProperty("margin") float margin,
    @JsonProperty("heads") String heads) {
  public LossConfig {
    requireOneOf("loss.name", name, names());
    require(classWeights != null, "loss.class-weights must be numbers, or empty for all 1.");
    require(heads != null, "loss.heads must be heads, or empty for none.");
    require(
        name.equals(HeadLosses.NAME) || heads.isBlank(),
        "loss.heads needs loss.name=%s: got %s.",
        HeadLosses.NAME,
        name);
    if (name.equals(HeadLosses.NAME)) {
      LossSettings plain = LossSettings.defaults();
      LossSettings given =
          new LossSettings(labelSmoothing, weights(classWeights), ignoredLabel, delta, margin);
      require(
          given.equals(plain),
          "With loss.name=%s each head has the settings of its own loss: write them into loss.heads"
              + " (there are no class-weights), and none beside it.",
          HeadLosses.NAME);
    }
    Loss unused = function(name, labelSmoothing, classWeights, ignoredLabel, delta, margin, heads);
  }

  /** All names, sorted. */
  public static List<String> names() {
    return Stream.concat(LossSettings.names().stream(), Stream.of(HeadLosses.NAME))
        .sorted()
        .toList();
  }

  /** A loss without settings of its own; see {@link LossSettings#defaults}. */
  public static LossConfig defaults(String name) {
    LossSettings d = LossSettings.defaults();
    return new LossConfig(
        name, d.labelSmoothing(), "", d.ignoredLabel(), d.delta(), d.margin(), "");
  }

  /** The loss. */
  public Loss function() {
    return function(name, labelSmoothing, classWeights, ignoredLabel, delta, margin, heads);
  }

  private static Loss function(
      String name,
      float labelSmoothing,
      String classWeights,
      int ignoredLabel,
      float delta,
      float margin,
      String heads) {
    if (name.equals(HeadLosses.NAME)) {
      return HeadList.parse(heads);
    }
    List<Float> weights = weights(classWeights);
    return checked(
        () -> new LossSettings(labelSmoothing, weights, ignoredLabel, delta, margin).create(name));
  }

  private static List<Float> weights(String text) {
    List<Float> weights = new ArrayList<>();
    try {
      for (String each : text.isBlank() ? new String[0] : text.split(",", -1)) {
        weights.add(Float.parseFloat(each.trim()));
      }
    } catch (NumberFormatException e) {
      throw new ConfigurationException(
          "loss.class-weights must be numbers with commas between them, like 1,0.5,2: got '%s'."
              .formatted(text),
          e);
    }
    return weights;
  }
}
