package org.backdraft.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * Hadoop's settings as a value that travels with a source to the executors: those that differ from
 * Hadoop's own defaults, which each JVM has itself.
 */
public final class HadoopSettings implements Serializable {
  private static final long serialVersionUID = 1L;

  private final TreeMap<String, String> entries;
  private transient volatile Configuration configuration;

  private HadoopSettings(Map<String, String> entries) {
    this.entries = new TreeMap<>(entries);
  }

  /** The settings of a configuration, Spark's {@code hadoopConfiguration()} for one. */
  public static HadoopSettings of(Configuration configuration) {
    Map<String, String> entries = new TreeMap<>();
    for (Iterator<Map.Entry<String, String>> i = configuration.iterator(); i.hasNext(); ) {
      Map.Entry<String, String> entry = i.next();
      if (!isDefault(configuration.getPropertySources(entry.getKey()))) {
        entries.put(entry.getKey(), entry.getValue());
      }
    }
    return new HadoopSettings(entries);
  }

  /** Hadoop's defaults alone. */
  public static HadoopSettings defaults() {
    return new HadoopSettings(Map.of());
  }

  /** The number of settings that differ from the defaults. */
  int entries() {
    return entries.size();
  }

  private static boolean isDefault(String[] sources) {
    return sources != null
        && sources.length > 0
        && sources[sources.length - 1].endsWith("-default.xml");
  }

  /** The configuration; shared, so nobody changes it. */
  public Configuration configuration() {
    Configuration made = configuration;
    if (made == null) {
      made = new Configuration();
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        made.set(entry.getKey(), entry.getValue());
      }
      configuration = made;
    }
    return made;
  }
}
