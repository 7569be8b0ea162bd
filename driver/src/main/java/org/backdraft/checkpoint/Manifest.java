package org.backdraft.checkpoint;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a checkpoint consists of: its {@code MANIFEST.json}.
 *
 * @param run the run that wrote it, empty if it did not say
 * @param parent folder of the checkpoint that was the newest when this one was written, or empty
 * @param files model and state among them, in order of writing
 */
record Manifest(long step, int attempt, String run, String parent, List<Content> files) {
  /** The format that is written, and the newest that is read. */
  static final int FORMAT = 1;

  private static final Pattern CRC = Pattern.compile("[0-9a-f]{8}");
  private static final Pattern SHA = Pattern.compile("[0-9a-f]{64}");

  /**
   * A file.
   *
   * @param crc32c eight hexadecimal digits
   * @param sha256 64 hexadecimal digits
   */
  record Content(String name, long bytes, String crc32c, String sha256) {}

  byte[] toJson(String origin) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format", (long) FORMAT);
    json.put("step", step);
    json.put("attempt", (long) attempt);
    json.put("run", run);
    json.put("parent", parent);
    List<Object> list = new ArrayList<>();
    for (Content file : files) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("name", file.name());
      each.put("bytes", file.bytes());
      each.put("crc32c", file.crc32c());
      each.put("sha256", file.sha256());
      list.add(each);
    }
    json.put("files", list);
    return StrictJson.write(json, origin);
  }

  /**
   * Parses and checks; the format comes first, since another one may mean anything else.
   *
   * @param origin the file, for messages
   */
  static Manifest parse(byte[] bytes, String origin) throws CheckpointException {
    Map<String, Object> json = StrictJson.parse(bytes, origin);
    long format = StrictJson.number(json, "format", Long.MAX_VALUE, origin);
    if (format != FORMAT) {
      throw new CheckpointException(
          "%s: written by format %d, this Backdraft reads format %d. Use the Backdraft that wrote it, or a newer one."
              .formatted(origin, format, FORMAT));
    }
    List<Content> files = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Object each : StrictJson.field(json, "files", List.class, origin)) {
      Content file = content(each, origin);
      if (!names.add(file.name())) {
        throw new CheckpointException("%s: '%s' is listed twice.".formatted(origin, file.name()));
      }
      files.add(file);
    }
    for (String name : List.of(CheckpointLayout.MODEL, CheckpointLayout.STATE)) {
      if (!names.contains(name)) {
        throw new CheckpointException("%s: must list %s.".formatted(origin, name));
      }
    }
    return new Manifest(
        StrictJson.number(json, "step", CheckpointState.MOST_STEPS, origin),
        (int) StrictJson.number(json, "attempt", Integer.MAX_VALUE, origin),
        StrictJson.field(json, "run", String.class, origin),
        StrictJson.field(json, "parent", String.class, origin),
        List.copyOf(files));
  }

  private static Content content(Object json, String origin) throws CheckpointException {
    if (!(json instanceof Map<?, ?> map)) {
      throw new CheckpointException("%s: 'files' must be objects.".formatted(origin));
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    map.forEach((key, value) -> fields.put(key.toString(), value));
    String name = StrictJson.field(fields, "name", String.class, origin);
    if (!CheckpointLayout.isContent(name)) {
      throw new CheckpointException(
          "%s: may list state.json and NAME.safetensors of this folder only, NAME of lower-case letters, digits and hyphens: lists '%s'."
              .formatted(origin, name));
    }
    return new Content(
        name,
        StrictJson.number(fields, "bytes", Long.MAX_VALUE, origin),
        digits(fields, "crc32c", CRC, origin),
        digits(fields, "sha256", SHA, origin));
  }

  private static String digits(Map<String, Object> json, String key, Pattern pattern, String origin)
      throws CheckpointException {
    String value = StrictJson.field(json, key, String.class, origin);
    if (!pattern.matcher(value).matches()) {
      throw new CheckpointException(
          "%s: '%s' must be hexadecimal digits, %s: found '%s'."
              .formatted(origin, key, pattern, value));
    }
    return value;
  }
}
