package org.backdraft.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Records that were left out of a source since they cannot be read.
 *
 * @param count of them
 * @param kinds of which they are, by file and cause; of the first {@link #MOST_KINDS} only
 * @param hash of which they are, in order: names of files without folders, and numbers of lines;
 *     what is said of them may differ between machines
 */
public record BadRecords(int count, List<Kind> kinds, long hash) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Where in a file a record is, as it is told behind the file's name. */
  private static final Pattern LINE = Pattern.compile("^: line \\d+");

  /** Odd, so that no bit is lost; the prime of the 64-bit FNV hash. */
  private static final long HASH_FACTOR = 0x100000001b3L;

  /** So many kinds are told apart. */
  public static final int MOST_KINDS = 100;

  /** None. */
  public static final BadRecords NONE = new BadRecords(0, List.of(), 0);

  /**
   * Records of one file that cannot be read for one cause.
   *
   * @param cause in a few words, the same for all of them
   * @param count of them
   * @param first what was said of the first
   */
  public record Kind(String file, String cause, int count, String first) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** Those, and one more. */
  BadRecords and(String file, String reason) {
    String told = reason.startsWith(file) ? reason.substring(file.length()) : reason;
    String name = file.substring(file.lastIndexOf('/') + 1);
    Matcher line = LINE.matcher(told);
    long next = hash * HASH_FACTOR + (line.find() ? name + line.group() : name).hashCode();
    // What was found stands behind the colon, and differs from record to record.
    String cause = line.replaceFirst("").replaceFirst("(?s):.*", "").strip();
    List<Kind> all = new ArrayList<>(kinds);
    for (int i = 0; i < all.size(); i++) {
      Kind each = all.get(i);
      if (each.file().equals(file) && each.cause().equals(cause)) {
        all.set(i, new Kind(file, cause, each.count() + 1, each.first()));
        return new BadRecords(count + 1, List.copyOf(all), next);
      }
    }
    if (all.size() < MOST_KINDS) {
      all.add(new Kind(file, cause, 1, reason));
    }
    return new BadRecords(Math.incrementExact(count), List.copyOf(all), next);
  }

  /** Those of two sources. */
  public BadRecords and(BadRecords other) {
    List<Kind> all = new ArrayList<>(kinds);
    all.addAll(other.kinds.subList(0, Math.min(MOST_KINDS - all.size(), other.kinds.size())));
    return new BadRecords(
        Math.addExact(count, other.count), List.copyOf(all), hash * HASH_FACTOR + other.hash);
  }
}
