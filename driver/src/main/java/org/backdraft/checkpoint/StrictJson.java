package org.backdraft.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON objects as maps, lists, strings, truth values, {@link Long} and {@link Double}, read with
 * limits: UTF-8, no key twice, nothing behind the object, numbers that fit.
 */
final class StrictJson {
  /** The longest text that is read. */
  static final int MOST_BYTES = 16 << 20;

  private static final int MOST_NESTING = 8;
  private static final int MOST_DIGITS = 100;

  private final String origin;

  private StrictJson(String origin) {
    this.origin = origin;
  }

  /**
   * Reads all of a stream that must not be longer than {@link #MOST_BYTES}.
   *
   * @param origin for messages
   */
  static byte[] bytes(InputStream in, String origin) throws IOException {
    byte[] bytes = in.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new CheckpointException(
          "%s may have at most %d bytes: it has more.".formatted(origin, MOST_BYTES));
    }
    return bytes;
  }

  /**
   * @param origin for messages
   */
  static Map<String, Object> parse(byte[] bytes, String origin) throws CheckpointException {
    return new StrictJson(origin).parse(bytes);
  }

  private Map<String, Object> parse(byte[] bytes) throws CheckpointException {
    JsonFactory factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MOST_NESTING)
                    .maxNumberLength(MOST_DIGITS)
                    .build())
            .build();
    try (JsonParser parser = factory.createParser(text(bytes))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw error("must be a JSON object: found %s", parser.currentToken());
      }
      Map<String, Object> object = object(parser);
      if (parser.nextToken() != null) {
        throw error("nothing may follow the JSON object: found %s", parser.currentToken());
      }
      return object;
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          "%s: must be JSON: %s (at character %d)."
              .formatted(
                  origin,
                  e.getOriginalMessage(),
                  e.getLocation() == null ? 0 : e.getLocation().getCharOffset()),
          e);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("Reading from memory does not fail", e);
    }
  }

  private String text(byte[] bytes) throws CheckpointException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new CheckpointException("%s: must be UTF-8: %s.".formatted(origin, e.getMessage()), e);
    }
  }

  private Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      object.put(key, value(parser, key));
    }
    return object;
  }

  private Object value(JsonParser parser, String key) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> whole(parser, key);
      case VALUE_NUMBER_FLOAT -> decimal(parser, key);
      case START_ARRAY -> list(parser, key);
      case START_OBJECT -> object(parser);
      default -> throw error("'%s' must have a value: found %s", key, parser.currentToken());
    };
  }

  private long whole(JsonParser parser, String key) throws IOException {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw error("'%s' must lie in [-2^63, 2^63): found %s", key, parser.getText());
    }
    return parser.getLongValue();
  }

  private double decimal(JsonParser parser, String key) throws IOException {
    double number = parser.getDoubleValue();
    if (!Double.isFinite(number)) {
      throw error("'%s' must be a finite number: found %s", key, parser.getText());
    }
    return number;
  }

  private List<Object> list(JsonParser parser, String key) throws IOException {
    List<Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser, key));
    }
    return list;
  }

  private CheckpointException error(String message, Object... values) {
    return new CheckpointException(
        origin + ": " + String.format(java.util.Locale.ROOT, message, values) + ".");
  }

  /** A field that must be there and of that kind. */
  static <T> T field(Map<String, Object> object, String key, Class<T> kind, String origin)
      throws CheckpointException {
    Object value = object.get(key);
    if (!kind.isInstance(value)) {
      throw new CheckpointException(
          "%s: '%s' must be a %s: found %s."
              .formatted(
                  origin,
                  key,
                  kind.getSimpleName(),
                  value == null ? "none" : value.getClass().getSimpleName()));
    }
    return kind.cast(value);
  }

  /** The same for a whole number in a range. */
  static long number(Map<String, Object> object, String key, long most, String origin)
      throws CheckpointException {
    long value = field(object, key, Long.class, origin);
    if (value < 0 || value > most) {
      throw new CheckpointException(
          "%s: '%s' must lie in [0, %d]: found %d.".formatted(origin, key, most, value));
    }
    return value;
  }

  /**
   * For people too: indented, and the same bytes for the same values.
   *
   * @throws CheckpointException if it would be too long to be read again
   */
  static byte[] write(Map<String, Object> object, String origin) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.setPrettyPrinter(printer);
      write(json, object);
    }
    bytes.write('\n');
    if (bytes.size() > MOST_BYTES) {
      throw new CheckpointException(
          "%s may have at most %d bytes: it would have %d."
              .formatted(origin, MOST_BYTES, bytes.size()));
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> field : map.entrySet()) {
        json.writeFieldName(field.getKey().toString());
        write(json, field.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object each : list) {
        write(json, each);
      }
      json.writeEndArray();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof Long number) {
      json.writeNumber(number);
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else {
      throw new AssertionError("No JSON for " + value);
    }
  }
}
