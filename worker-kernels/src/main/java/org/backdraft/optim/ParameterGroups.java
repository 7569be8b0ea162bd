package org.backdraft.optim;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.text.EditDistance;
import org.backdraft.text.Glob;

/**
 * Which parameters an optimiser treats otherwise than the others, by patterns of their names: what
 * PyTorch has parameter groups and {@code requires_grad} for. Immutable.
 *
 * @param groups of which the first that matches a parameter's name is the parameter's
 * @param frozen parameters, and buffers, that keep their bits
 * @param decaysAll whether biases, and scales and shifts of normalizations, have the optimiser's
 *     weight decay too where their group does not say another one
 */
public record ParameterGroups(List<Group> groups, List<Glob> frozen, boolean decaysAll)
    implements Serializable {
  /** All parameters alike. */
  public static final ParameterGroups NONE = new ParameterGroups(List.of(), List.of(), true);

  private static final int MOST_NAMED = 8;

  /**
   * Some parameters.
   *
   * @param match their names
   * @param rateFactor what the learning rate is multiplied by, above 0
   * @param weightDecay at least 0, or {@link #SAME_DECAY}
   */
  public record Group(Glob match, float rateFactor, float weightDecay) implements Serializable {
    /** The weight decay that the optimiser has. */
    public static final float SAME_DECAY = Float.NaN;

    public Group {
      Checks.argument(
          !match.pattern().isBlank(),
          "A group of optimizer.groups must have a pattern for names: match=PATTERN.");
      Ranges.aboveZero("lr-factor of optimizer.groups '" + match + "'", rateFactor);
      if (!Float.isNaN(weightDecay)) {
        Ranges.atLeastZero("weight-decay of optimizer.groups '" + match + "'", weightDecay);
      }
    }
  }

  public ParameterGroups {
    groups = List.copyOf(groups);
    frozen = List.copyOf(frozen);
  }

  /** Whether nothing of that name changes. */
  public boolean isFrozen(String name) {
    return frozen.stream().anyMatch(each -> each.matches(name));
  }

  /** The group that a parameter is in. */
  Optional<Group> groupOf(String name) {
    return groups.stream().filter(each -> each.match().matches(name)).findFirst();
  }

  /**
   * The weight decay of a parameter, if it is another than the optimiser's.
   *
   * @return {@link Group#SAME_DECAY} if not
   */
  float weightDecay(ParameterSpec spec) {
    float own = groupOf(spec.name()).map(Group::weightDecay).orElse(Group.SAME_DECAY);
    boolean isSpared = !decaysAll && !spec.role().isWeight();
    return Float.isNaN(own) && isSpared ? 0 : own;
  }

  /**
   * The layers whose buffers are frozen.
   *
   * @param buffers named {@code LAYER.NAME}
   */
  public Set<String> frozenLayers(ParameterTable buffers) {
    Set<String> layers = new LinkedHashSet<>();
    for (ParameterTable.Entry entry : buffers.entries()) {
      if (isFrozen(entry.name())) {
        layers.add(layer(entry));
      }
    }
    return layers;
  }

  /**
   * The layers whose parameters are all frozen.
   *
   * @param parameters named {@code LAYER.NAME}
   */
  public Set<String> untrainedLayers(ParameterTable parameters) {
    Set<String> layers = new LinkedHashSet<>();
    for (ParameterTable.Entry entry : parameters.entries()) {
      layers.add(layer(entry));
    }
    for (ParameterTable.Entry entry : parameters.entries()) {
      if (!isFrozen(entry.name())) {
        layers.remove(layer(entry));
      }
    }
    return layers;
  }

  private static String layer(ParameterTable.Entry entry) {
    return entry.name().substring(0, entry.name().lastIndexOf('.'));
  }

  /**
   * Checks that every pattern is meant for something, and that something is left to learn.
   *
   * @throws IllegalArgumentException naming the key, the pattern, and names that are near
   */
  public void check(ParameterTable parameters, ParameterTable buffers) {
    List<String> names = names(parameters);
    for (Group group : groups) {
      check("optimizer.groups", group.match(), names);
    }
    List<String> all = new ArrayList<>(names);
    all.addAll(names(buffers));
    for (Glob each : frozen) {
      check("train.freeze", each, all);
    }
    Checks.argument(
        names.isEmpty() || !names.stream().allMatch(this::isFrozen),
        "train.freeze must leave a parameter that is trained: %s match all of %s.",
        frozen,
        some(names));
  }

  private static List<String> names(ParameterTable table) {
    return table.entries().stream().map(ParameterTable.Entry::name).toList();
  }

  private static void check(String key, Glob pattern, List<String> names) {
    Checks.argument(
        names.stream().anyMatch(pattern::matches),
        "%s must match the name of a parameter: '%s' matches none.%s There are %s.",
        key,
        pattern,
        near(pattern.pattern(), names),
        some(names));
  }

  /** A name, or a pattern for all names with the same beginning, that may have been meant. */
  private static String near(String pattern, List<String> names) {
    Set<String> known = new LinkedHashSet<>(names);
    for (String name : names) {
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        known.add(name.substring(0, dot) + ".*");
        known.add("*" + name.substring(dot));
      }
    }
    return EditDistance.nearest(pattern, known)
        .map(each -> " Did you mean '" + each + "'?")
        .orElse("");
  }

  private static String some(List<String> names) {
    String some = String.join(", ", names.subList(0, Math.min(names.size(), MOST_NAMED)));
    int more = names.size() - MOST_NAMED;
    return more > 0 ? some + " and " + more + " more" : some;
  }
}
