package org.backdraft.driver.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a master URL says about where tasks run.
 *
 * @param url as Spark takes it
 * @param isLocal whether everything runs in the driver's JVM
 * @param localSlots tasks that run at once where local; 0 elsewhere
 * @param isFixed whether the user gave that number of slots
 */
record MasterUrl(String url, boolean isLocal, int localSlots, boolean isFixed) {
  private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\*|\\d+)(?:,\\s*\\d+)?])?");

  /**
   * @param cores of this machine, for {@code local[*]}
   */
  static MasterUrl of(String url, int cores) {
    Matcher local = LOCAL.matcher(url);
    if (!local.matches()) {
      return new MasterUrl(url, false, 0, true);
    }
    String slots = local.group(1);
    if (slots == null) {
      return new MasterUrl(url, true, 1, true);
    }
    boolean isFixed = !slots.equals("*");
    return new MasterUrl(url, true, isFixed ? Integer.parseInt(slots) : cores, isFixed);
  }
}
