package org.backdraft.jobs.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.driver.failure.ConfigurationException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A YAML 1.2 mapping with the line of each key. Immutable.
 *
 * <p>Safe on any input: only plain values come out, aliases and size are bounded.
 */
public final class YamlDocument {
  private static final int MOST_CODE_POINTS = 4 << 20;

  /**
   * One value that is no mapping.
   *
   * @param key the keys that lead to it, joined by dots
   * @param value text, number, boolean, null or a list
   * @param line of the key, from 1
   */
  public record Entry(String key, Object value, int line) {}

  private final String name;
  private final Map<String, Object> root;
  private final Map<String, Integer> lines;

  private YamlDocument(String name, Map<String, Object> root, Map<String, Integer> lines) {
    this.name = name;
    this.root = root;
    this.lines = lines;
  }

  /**
   * Reads a file in UTF-8.
   *
   * @throws ConfigurationException if it cannot be read or is no YAML mapping; names file and line
   */
  public static YamlDocument read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      throw new ConfigurationException("No file '%s'. Check the path.".formatted(file), e);
    } catch (CharacterCodingException e) {
      throw new ConfigurationException("'%s' must be text in UTF-8.".formatted(file), e);
    } catch (IOException e) {
      throw new ConfigurationException("Cannot read '%s': %s".formatted(file, e), e);
    }
  }

  /**
   * Parses a text.
   *
   * @param name for messages: the file
   * @throws ConfigurationException if it is no YAML mapping
   */
  public static YamlDocument parse(String name, String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(name)
            .setSchema(new CoreSchema())
            .setAllowDuplicateKeys(false)
            .setAllowRecursiveKeys(false)
            .setMaxAliasesForCollections(20)
            .setCodePointLimit(MOST_CODE_POINTS)
            .build();
    try {
      Map<String, Integer> lines = new LinkedHashMap<>();
      Optional<Node> node = new Compose(settings).composeString(text);
      if (node.isPresent()) {
        collectLines("", node.get(), lines);
      }
      Object root = new Load(settings).loadFromString(text);
      return new YamlDocument(
          name, root == null ? Map.of() : mapping(root, name, "the document"), lines);
    } catch (MarkedYamlEngineException e) {
      throw new ConfigurationException(
          "%s:%d is no YAML: %s."
              .formatted(name, e.getProblemMark().map(Mark::getLine).orElse(0) + 1, e.getProblem()),
          e);
    } catch (YamlEngineException e) {
      throw new ConfigurationException(
          "%s cannot be read as YAML: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** The name that messages use. */
  public String name() {
    return name;
  }

  /** The whole mapping, nested as written. */
  public Map<String, Object> root() {
    return root;
  }

  /**
   * The mapping under a key of the root, with its lines; empty if there is none.
   *
   * @throws ConfigurationException if the value is no mapping
   */
  public YamlDocument section(String key) {
    Object value = root.get(key);
    Map<String, Integer> inner = new LinkedHashMap<>();
    String prefix = key + ".";
    lines.forEach(
        (path, line) -> {
          if (path.startsWith(prefix)) {
            inner.put(path.substring(prefix.length()), line);
          }
        });
    return new YamlDocument(name, value == null ? Map.of() : mapping(value, name, key), inner);
  }

  /** All values that are no mappings, in order. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    flatten("", root, entries);
    return entries;
  }

  private void flatten(String prefix, Map<String, Object> map, List<Entry> entries) {
    map.forEach(
        (key, value) -> {
          String path = prefix + key;
          if (value instanceof Map<?, ?>) {
            flatten(path + ".", mapping(value, name, path), entries);
          } else {
            entries.add(new Entry(path, value, lines.getOrDefault(path, 0)));
          }
        });
  }

  private static Map<String, Object> mapping(Object value, String name, String what) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new ConfigurationException(
          "%s: %s must be a mapping of keys to values: got '%s'.".formatted(name, what, value));
    }
    Map<String, Object> result = new LinkedHashMap<>();
    map.forEach((key, each) -> result.put(String.valueOf(key), each));
    return result;
  }

  private static void collectLines(String prefix, Node node, Map<String, Integer> lines) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key) {
          String path = prefix + key.getValue();
          lines.put(path, key.getStartMark().map(Mark::getLine).orElse(-1) + 1);
          collectLines(path + ".", tuple.getValueNode(), lines);
        }
      }
    }
  }
}
