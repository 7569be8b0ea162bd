package org.backdraft.driver;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Configurations that differ from others in some of the keys that users write. */
public final class Configs {
  private Configs() {}

  /**
   * A configuration, or a section of one, with other values.
   *
   * @param keysAndValues keys from there on, {@code train.epochs}, each followed by its value; that
   *     of a whole section is a record
   */
  public static <T extends Record> T with(T from, Object... keysAndValues) {
    Map<String, Object> changes = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      changes.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return changed(from, changes);
  }

  private static <T extends Record> T changed(T from, Map<String, Object> changes) {
    RecordComponent[] components = from.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < values.length; i++) {
        Object old = components[i].getAccessor().invoke(from);
        values[i] = changed(key(components[i]), components[i].getType(), old, changes);
      }
      if (!changes.isEmpty()) {
        throw new IllegalArgumentException(
            from.getClass().getSimpleName() + " has no keys " + changes.keySet());
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      @SuppressWarnings("unchecked")
      T made = (T) from.getClass().getConstructor(types).newInstance(values);
      return made;
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(from.getClass() + " has another form.", e);
    }
  }

  /** The value of a component; what concerns it is taken out of the changes. */
  private static Object changed(
      String key, Class<?> type, Object old, Map<String, Object> changes) {
    if (changes.containsKey(key)) {
      return converted(changes.remove(key), type);
    }
    Map<String, Object> below = new LinkedHashMap<>();
    changes.forEach(
        (each, value) -> {
          if (each.startsWith(key + ".")) {
            below.put(each.substring(key.length() + 1), value);
          }
        });
    changes.keySet().removeIf(each -> each.startsWith(key + "."));
    return below.isEmpty() ? old : changed((Record) old, below);
  }

  private static String key(RecordComponent component) {
    JsonProperty property = component.getAccessor().getAnnotation(JsonProperty.class);
    return property == null ? component.getName() : property.value();
  }

  private static Object converted(Object value, Class<?> type) {
    if (!(value instanceof Number number)) {
      return value;
    }
    if (type == long.class) {
      return number.longValue();
    }
    if (type == float.class) {
      return number.floatValue();
    }
    return type == double.class ? (Object) number.doubleValue() : (Object) number.intValue();
  }
}
