package org.backdraft.driver.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a master URL says about where tasks run.
 *
 * @param url as Spark takes it
 * @param isLocal whether everything runs in the driver's JVM
 * @param localSlots tasks that run at once where local; 0 elsewhere
 */
record MasterUrl(String url, boolean isLocal, int localSlots) {
  private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\*|\\d+)(?:,\\s*\\d+)?])?");

  /**
   * @param cores of this machine, for {@code local[*]}
   */
  static MasterUrl of(String url, int cores) {
    Matcher local = LOCAL.matcher(url);
    if (!local.matches()) {
      return new MasterUrl(url, false, 0);
    }
    String slots = local.group(1);
    if (slots == null) {
      return new MasterUrl(url, true, 1);
    }
    return new MasterUrl(url, true, slots.equals("*") ? cores : Integer.parseInt(slots));
  }
}
