package org.backdraft.jobs.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.ScheduleConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.optim.OptimizerSettings;

/**
 * The effective configuration in the making: the built-in defaults, then layers over it; a later
 * layer wins. Every value remembers where it was written. Not thread-safe.
 */
public final class ConfigLayers {
  /**
   * A value and where it comes from.
   *
   * @param value of the key's type; null only for a text without a default
   * @param source for people: {@code recipe quickstart}, {@code run.yaml:3}, {@code --lr}
   */
  public record Setting(Object value, String source) {
    private static final String DEFAULT = "default";

    /** Whether no layer has set it. */
    public boolean isDefault() {
      return source.equals(DEFAULT);
    }
  }

  private static final String NAME = ".name";

  private final Map<String, ConfigKey> keys = new LinkedHashMap<>();
  private final Map<String, Setting> settings = new LinkedHashMap<>();

  /**
   * @param defaults by key, for every key
   */
  ConfigLayers(Map<String, Object> defaults) {
    for (ConfigKey key : ConfigKey.all()) {
      keys.put(key.name(), key);
      settings.put(key.name(), new Setting(defaults.get(key.name()), Setting.DEFAULT));
    }
  }

  /** The built-in defaults alone. */
  public static ConfigLayers builtIn() {
    Map<String, Object> defaults = new LinkedHashMap<>();
    flatten("", TrainingConfig.defaults(), defaults);
    return new ConfigLayers(defaults);
  }

  /**
   * The keys that a part of a configuration stands for.
   *
   * @param section name of the part, such as {@code loss}
   */
  public static Map<String, Object> keysOf(String section, Record part) {
    Map<String, Object> values = new LinkedHashMap<>();
    flatten(section + ".", part, values);
    return values;
  }

  /**
   * Sets one key. A section's name alone stands for the name in it: {@code loss} means {@code
   * loss.name}.
   *
   * @param value typed or text
   * @param source where it was written
   * @throws ConfigurationException if no key has that name, or the value is not of its type
   */
  public ConfigLayers set(String nameOrSection, Object value, String source) {
    String name = keys.containsKey(nameOrSection + NAME) ? nameOrSection + NAME : nameOrSection;
    ConfigKey key = keys.get(name);
    if (key == null) {
      throw new ConfigurationException(
          "No configuration key is named '%s' (%s). %s"
              .formatted(name, source, NearestKey.hint(name, keys.keySet())));
    }
    settings.put(name, new Setting(key.convert(value, source), source));
    if (name.equals("optimizer" + NAME)) {
      follow("optimizer", OptimizerSettings.names(), OptimizerConfig::defaults);
    } else if (name.equals("schedule" + NAME)) {
      follow("schedule", ScheduleConfig.names(), ScheduleConfig::defaults);
    }
    return this;
  }

  /** Another name has other defaults; an unknown one is left for the records to refuse. */
  private void follow(String section, List<String> known, Function<String, Record> defaults) {
    String chosen = String.valueOf(settings.get(section + NAME).value());
    if (!known.contains(chosen)) {
      return;
    }
    keysOf(section, defaults.apply(chosen))
        .forEach(
            (name, value) -> {
              if (settings.get(name).isDefault()) {
                settings.put(name, new Setting(value, Setting.DEFAULT));
              }
            });
  }

  /** Sets all keys of a YAML document; each source is {@code name:line}. */
  public ConfigLayers set(YamlDocument document) {
    for (YamlDocument.Entry entry : document.entries()) {
      set(entry.key(), entry.value(), document.name() + ":" + entry.line());
    }
    return this;
  }

  /**
   * Sets a {@code key=value} of the command line.
   *
   * @throws ConfigurationException also if there is no {@code =}
   */
  public ConfigLayers assign(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new ConfigurationException(
          "--set must be KEY=VALUE: got '%s'. For example --set optimizer.lr=0.1."
              .formatted(assignment));
    }
    return set(
        assignment.substring(0, equals).trim(), assignment.substring(equals + 1).trim(), "--set");
  }

  /** All settings by key, in the order of the records. */
  public Map<String, Setting> settings() {
    return Collections.unmodifiableMap(settings);
  }

  /**
   * The records.
   *
   * @throws ConfigurationException of the record that refuses its values
   */
  public TrainingConfig toConfig() {
    return (TrainingConfig) bind("", TrainingConfig.class);
  }

  private Object bind(String prefix, Class<?> section) {
    RecordComponent[] components = section.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String name = prefix + ConfigKey.nameOf(components[i]);
      types[i] = components[i].getType();
      values[i] = types[i].isRecord() ? bind(name + ".", types[i]) : settings.get(name).value();
    }
    try {
      Constructor<?> constructor = section.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw new ConfigurationException(refused.getMessage(), refused);
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("A section must be a public record: " + section, e);
    }
  }

  private static void flatten(String prefix, Record section, Map<String, Object> into) {
    for (RecordComponent component : section.getClass().getRecordComponents()) {
      String name = prefix + ConfigKey.nameOf(component);
      Object value;
      try {
        value = component.getAccessor().invoke(section);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("A section must be a public record: " + section.getClass(), e);
      }
      if (component.getType().isRecord()) {
        flatten(name + ".", (Record) value, into);
      } else {
        into.put(name, value);
      }
    }
  }
}
