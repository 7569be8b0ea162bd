package org.backdraft.jobs.config;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.backdraft.jobs.config.ConfigLayers.Setting;
import org.backdraft.jobs.output.Json;

/** Writes an effective configuration as YAML, with the source of each value as a comment. */
public final class ConfigText {
  /** What YAML reads back as the same text without quotes. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_./-]*");

  private static final Pattern RESERVED =
      Pattern.compile("true|false|null|yes|no|on|off", Pattern.CASE_INSENSITIVE);

  private ConfigText() {}

  /** The YAML text; read back as a {@code --config} file it gives the same configuration. */
  public static String of(ConfigLayers layers) {
    StringBuilder text = new StringBuilder();
    String section = "";
    for (Map.Entry<String, Setting> entry : layers.settings().entrySet()) {
      String name = entry.getKey();
      int dot = name.lastIndexOf('.');
      String here = dot < 0 ? "" : name.substring(0, dot);
      if (!here.equals(section)) {
        text.append(here).append(":\n");
        section = here;
      }
      Setting setting = entry.getValue();
      String line =
          (dot < 0 ? "" : "  ")
              + name.substring(dot + 1)
              + ": "
              + scalar(ConfigKey.written(name, setting.value()));
      text.append(String.format(Locale.ROOT, "%-36s # %s\n", line, setting.source()));
    }
    return text.toString();
  }

  private static String scalar(Object value) {
    if (value instanceof String word) {
      boolean plain = PLAIN.matcher(word).matches() && !RESERVED.matcher(word).matches();
      return plain ? word : Json.line(word);
    }
    return String.valueOf(value);
  }
}
