package org.backdraft.jobs.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plain values as strict JSON; a number that is not finite, which JSON lacks, becomes null. */
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** On one line. */
  public static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(finite(value));
    } catch (JsonProcessingException e) {
      throw new AssertionError("No JSON for " + value, e);
    }
  }

  /** For people: a key on each line. */
  public static String pretty(Object value) {
    try {
      return MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(finite(value));
    } catch (JsonProcessingException e) {
      throw new AssertionError("No JSON for " + value, e);
    }
  }

  /** The object on a line that {@link #line} has written. */
  public static Map<String, Object> map(String line) {
    try {
      return MAPPER.readValue(line, new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("A line must hold a JSON object: got " + line, e);
    }
  }

  /**
   * The texts of a list that {@link #line} has written.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static List<String> texts(String line) {
    try {
      return List.copyOf(MAPPER.readValue(line, new TypeReference<List<String>>() {}));
    } catch (JsonProcessingException | NullPointerException e) {
      throw new IllegalArgumentException("A line must hold a JSON list of texts: got " + line, e);
    }
  }

  private static Object finite(Object value) {
    if (value instanceof Double number && !Double.isFinite(number)) {
      return null;
    }
    if (value instanceof Float number) {
      // Through its own digits: 0.1f must not become 0.10000000149011612.
      return Float.isFinite(number) ? Double.valueOf(number.toString()) : null;
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, each) -> copy.put(key, finite(each)));
      return copy;
    }
    if (value instanceof Collection<?> list) {
      return list.stream().map(Json::finite).toList();
    }
    return value;
  }
}
