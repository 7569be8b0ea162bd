package org.backdraft.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header of a safetensors file, parsed and checked: entries in order of their data, which
 * fills the file without hole or overlap.
 *
 * @param entries by offset
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
  /** The key that holds words instead of a tensor. */
  static final String METADATA = "__metadata__";

  /** An object in an object holds arrays: nothing may be nested deeper. */
  private static final int MOST_NESTING = 3;

  private static final int MOST_DIMS = 64;

  private static final Map<String, Integer> BYTES_OF_TYPE =
      Map.ofEntries(
          Map.entry("BOOL", 1),
          Map.entry("U8", 1),
          Map.entry("I8", 1),
          Map.entry("F8_E5M2", 1),
          Map.entry("F8_E4M3", 1),
          Map.entry("F8_E8M0", 1),
          Map.entry("I16", 2),
          Map.entry("U16", 2),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("I32", 4),
          Map.entry("U32", 4),
          Map.entry("F32", 4),
          Map.entry("I64", 8),
          Map.entry("U64", 8),
          Map.entry("F64", 8),
          Map.entry("C64", 8));

  /**
   * @param begin of the data, from the header's end
   * @param end one past the data
   */
  record Entry(String name, String type, List<Long> shape, long begin, long end) {}

  /**
   * @param dataBytes what follows the header
   */
  static SafetensorsHeader parse(byte[] json, long dataBytes, String origin)
      throws ModelFileException {
    return new Reading(origin).parse(json, dataBytes);
  }

  /** One parse, which knows the file's name. */
  private static final class Reading {
    private final String origin;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    Reading(String origin) {
      this.origin = origin;
    }

    SafetensorsHeader parse(byte[] json, long dataBytes) throws ModelFileException {
      if (json.length == 0 || json[0] != '{') {
        throw error(
            "the header must begin with '{': found %s",
            json.length == 0 ? "nothing" : "byte " + (json[0] & 0xff));
      }
      checkUtf8(json);
      JsonFactory factory =
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(MOST_NESTING).build())
              .build();
      try (JsonParser parser = factory.createParser(json)) {
        parser.nextToken();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          readField(parser);
        }
        if (parser.nextToken() != null) {
          throw error("nothing may follow the header's JSON: found %s", parser.currentToken());
        }
      } catch (JsonProcessingException e) {
        throw new ModelFileException(
            "%s: the header must be a JSON object of tensors: %s (at byte %d of the header)."
                .formatted(
                    origin,
                    e.getOriginalMessage(),
                    e.getLocation() == null ? 0 : e.getLocation().getByteOffset()),
            e);
      } catch (ModelFileException e) {
        throw e;
      } catch (IOException e) {
        throw new ModelFileException("%s: %s".formatted(origin, e.getMessage()), e);
      }
      entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      checkCover(dataBytes);
      return new SafetensorsHeader(List.copyOf(entries), metadata);
    }

    private void checkUtf8(byte[] json) throws ModelFileException {
      try {
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(json));
      } catch (CharacterCodingException e) {
        throw new ModelFileException(
            "%s: the header must be UTF-8: %s.".formatted(origin, e.getMessage()), e);
      }
    }

    private void readField(JsonParser parser) throws IOException {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value != JsonToken.START_OBJECT) {
        throw error("'%s' must be an object: found %s", name, value);
      }
      if (name.equals(METADATA)) {
        readMetadata(parser);
      } else {
        entries.add(readEntry(parser, name));
      }
    }

    private void readMetadata(JsonParser parser) throws IOException {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value != JsonToken.VALUE_STRING) {
          throw error("__metadata__ may hold strings only: '%s' is %s", key, value);
        }
        metadata.put(key, parser.getText());
      }
    }

    private Entry readEntry(JsonParser parser, String name) throws IOException {
      String type = null;
      List<Long> shape = null;
      List<Long> offsets = null;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (key) {
          case "dtype" -> {
            if (value != JsonToken.VALUE_STRING) {
              throw error("tensor '%s': dtype must be a string: found %s", name, value);
            }
            type = parser.getText();
          }
          case "shape" -> shape = readNumbers(parser, name, key, MOST_DIMS);
          case "data_offsets" -> offsets = readNumbers(parser, name, key, 2);
          default ->
              throw error(
                  "tensor '%s' may have dtype, shape and data_offsets only: found '%s'", name, key);
        }
      }
      if (type == null || shape == null || offsets == null || offsets.size() != 2) {
        throw error("tensor '%s' must have dtype, shape and two data_offsets", name);
      }
      Entry entry = new Entry(name, type, shape, offsets.get(0), offsets.get(1));
      checkLength(entry);
      return entry;
    }

    private List<Long> readNumbers(JsonParser parser, String name, String key, int most)
        throws IOException {
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        throw error("tensor '%s': %s must be an array: found %s", name, key, parser.currentToken());
      }
      List<Long> numbers = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
            || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            || parser.getLongValue() < 0) {
          throw error(
              "tensor '%s': %s must hold whole numbers in [0, 2^63): found %s",
              name, key, parser.getText());
        }
        if (numbers.size() == most) {
          throw error("tensor '%s': %s may hold at most %d numbers", name, key, most);
        }
        numbers.add(parser.getLongValue());
      }
      return List.copyOf(numbers);
    }

    private void checkLength(Entry entry) throws ModelFileException {
      Integer bytes = BYTES_OF_TYPE.get(entry.type());
      if (bytes == null) {
        throw error("tensor '%s' has the unknown dtype '%s'", entry.name(), entry.type());
      }
      if (entry.end() < entry.begin()) {
        throw error(
            "tensor '%s' must not end before it begins: data_offsets are [%d, %d]",
            entry.name(), entry.begin(), entry.end());
      }
      long wanted = bytes;
      try {
        // A dim of 0 makes any product 0, but not one that overflows before it.
        for (long dim : entry.shape()) {
          wanted = Math.multiplyExact(wanted, dim);
        }
      } catch (ArithmeticException e) {
        throw error("tensor '%s': shape %s passes 2^63 bytes", entry.name(), entry.shape());
      }
      if (wanted != entry.end() - entry.begin()) {
        throw error(
            "tensor '%s' of %s %s needs %d bytes: data_offsets [%d, %d] hold %d",
            entry.name(),
            entry.type(),
            entry.shape(),
            wanted,
            entry.begin(),
            entry.end(),
            entry.end() - entry.begin());
      }
    }

    /** Each tensor begins where the one before ended, and the last ends with the file. */
    private void checkCover(long dataBytes) throws ModelFileException {
      long at = 0;
      String before = "the header";
      for (Entry entry : entries) {
        if (entry.begin() != at) {
          throw error(
              "tensor '%s' must begin at data offset %d, where %s ends: it begins at %d (%s)",
              entry.name(), at, before, entry.begin(), entry.begin() < at ? "overlap" : "hole");
        }
        at = entry.end();
        before = "'" + entry.name() + "'";
        if (at > dataBytes) {
          throw error(
              "tensor '%s' ends at data offset %d: the file has %d bytes of data. It is cut off",
              entry.name(), at, dataBytes);
        }
      }
      if (at != dataBytes) {
        throw error(
            "nothing may follow the last tensor, %s: it ends at data offset %d of %d",
            before, at, dataBytes);
      }
    }

    private ModelFileException error(String message, Object... values) {
      return new ModelFileException(
          origin + ": " + String.format(java.util.Locale.ROOT, message, values) + ".");
    }
  }
}
