package org.backdraft.zoo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.backdraft.tensor.Checks;
import org.backdraft.text.EditDistance;

/**
 * The settings of a network of the zoo, as they stand behind its name: {@code lenet5:width=0.25,…}.
 * A setting that is not given has the published network's value.
 */
final class ModelOptions {
  /** The factor of the channels of every layer but the last, see {@link #channels}. */
  static final String WIDTH = "width";

  /** The rate of every dropout layer; 0 for none. */
  static final String DROPOUT = "dropout";

  /** The weight of auxiliary losses; 0 for a network without them. */
  static final String AUXILIARY = "auxiliary";

  /** The number of layers of a residual network, see {@link #depth}. */
  static final String DEPTH = "depth";

  private static final int DEEPEST = 5000;

  private final String model;
  private final Map<String, String> values;

  private ModelOptions(String model, Map<String, String> values) {
    this.model = model;
    this.values = values;
  }

  /**
   * Reads what stands behind the colon.
   *
   * @param text {@code key=value} with commas between them; empty for none
   * @param defaults all settings that the network knows
   * @throws IllegalArgumentException if the text has another form, or a key that is not known
   */
  static ModelOptions parse(String model, String text, Map<String, String> defaults) {
    Map<String, String> values = new LinkedHashMap<>(defaults);
    for (String each : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int equals = each.indexOf('=');
      Checks.argument(
          equals > 0 && equals < each.length() - 1,
          "Settings of a model are key=value with commas between them: got '%s' in '%s:%s'.",
          each,
          model,
          text);
      String key = each.substring(0, equals).trim();
      Checks.argument(
          defaults.containsKey(key),
          "The model '%s' has no setting '%s'.%s %s",
          model,
          key,
          EditDistance.nearest(key, defaults.keySet())
              .map(near -> " Did you mean '" + near + "'?")
              .orElse(""),
          defaults.isEmpty()
              ? "It has none."
              : "It has " + String.join(", ", new TreeMap<>(defaults).keySet()) + ".");
      values.put(key, each.substring(equals + 1).trim());
    }
    return new ModelOptions(model, values);
  }

  /** The factor of channels, above 0. */
  float width() {
    float width = number(WIDTH);
    require(width > 0 && width <= 64, WIDTH, "a factor in (0, 64]");
    return width;
  }

  /** Channels of a layer that has so many in the published network: at least 1. */
  int channels(int published) {
    return Math.max(1, Math.round(published * width()));
  }

  /** {@link #channels} of each. */
  int[] channels(int[] published) {
    int[] channels = published.clone();
    for (int i = 0; i < channels.length; i++) {
      channels[i] = channels(channels[i]);
    }
    return channels;
  }

  /** The rate of dropout, in [0, 1). */
  float dropout() {
    float rate = number(DROPOUT);
    require(rate >= 0 && rate < 1, DROPOUT, "a rate in [0, 1)");
    return rate;
  }

  /** The weight of auxiliary losses, at least 0. */
  float auxiliary() {
    float weight = number(AUXILIARY);
    require(weight >= 0 && weight <= 1, AUXILIARY, "a weight in [0, 1]");
    return weight;
  }

  /** Whole numbers with dashes between them, each at least 1: {@code 512-512}; empty for none. */
  List<Integer> sizes(String key) {
    List<Integer> sizes = new ArrayList<>();
    String text = values.get(key);
    for (String each : text.equals("none") ? new String[0] : text.split("-", -1)) {
      try {
        sizes.add(Integer.parseInt(each));
      } catch (NumberFormatException e) {
        throw refusal(key, "whole numbers with dashes between them, or none", e);
      }
      require(sizes.get(sizes.size() - 1) >= 1, key, "whole numbers of at least 1");
    }
    return sizes;
  }

  /** A whole number of at least 1. */
  int size(String key) {
    try {
      int size = Integer.parseInt(values.get(key));
      require(size >= 1, key, "a whole number of at least 1");
      return size;
    } catch (NumberFormatException e) {
      throw refusal(key, "a whole number of at least 1", e);
    }
  }

  /**
   * The number of layers of a network of equal blocks, with a layer before and one behind them:
   * {@code layers · n + 2} for a whole n of at least 1, and at most {@value #DEEPEST}.
   *
   * @param layers that each n stands for
   */
  int depth(int layers) {
    int depth = size(DEPTH);
    int below = Math.max(1, (Math.min(depth, DEEPEST - layers) - 2) / layers) * layers + 2;
    require(
        depth > 2 && depth <= DEEPEST && (depth - 2) % layers == 0,
        DEPTH,
        "%dn + 2 with a whole n of at least 1, and at most %d (near are %d and %d)"
            .formatted(layers, DEEPEST, below, below + layers));
    return depth;
  }

  /** A whole number in [least, most]. */
  int size(String key, int least, int most) {
    int size = size(key);
    require(
        size >= least && size <= most, key, "a whole number from %d to %d".formatted(least, most));
    return size;
  }

  /** A word, one of those that are known. */
  String word(String key, List<String> known) {
    require(known.contains(values.get(key)), key, "one of " + String.join(", ", known));
    return values.get(key);
  }

  private float number(String key) {
    try {
      return Float.parseFloat(values.get(key));
    } catch (NumberFormatException e) {
      throw refusal(key, "a number", e);
    }
  }

  private void require(boolean holds, String key, String what) {
    if (!holds) {
      throw refusal(key, what, null);
    }
  }

  private IllegalArgumentException refusal(String key, String what, Exception cause) {
    return new IllegalArgumentException(
        "The setting '%s' of the model '%s' must be %s: got '%s'."
            .formatted(key, model, what, values.get(key)),
        cause);
  }
}
