package org.backdraft.driver;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Sections {@code sync} by the keys that users write. */
public final class SyncConfigs {
  private SyncConfigs() {}

  /** The usual one but for these keys (without {@code sync.}), each followed by its value. */
  public static SyncConfig sync(Object... keysAndValues) {
    return with(SyncConfig.defaults(), keysAndValues);
  }

  /** As {@link #sync}, from another one. */
  static SyncConfig with(SyncConfig from, Object... keysAndValues) {
    Map<Object, Object> changes = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      changes.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    RecordComponent[] components = SyncConfig.class.getRecordComponents();
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < values.length; i++) {
        String key = components[i].getAccessor().getAnnotation(JsonProperty.class).value();
        Object change = changes.remove(key);
        values[i] = change == null ? components[i].getAccessor().invoke(from) : change;
      }
      if (!changes.isEmpty()) {
        throw new IllegalArgumentException("sync has no keys " + changes.keySet());
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return SyncConfig.class.getConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("SyncConfig has another form.", e);
    }
  }
}
