package org.backdraft.jobs.config;

import java.util.Collection;
import java.util.Locale;

/** Finds what a user may have meant by an unknown word. */
public final class NearestKey {
  private NearestKey() {}

  /**
   * A sentence for an error message: the known word nearest to {@code unknown}, or all known words
   * where none is near. A key is also near when only its last part is: {@code lr} means {@code
   * optimizer.lr}.
   */
  public static String hint(String unknown, Collection<String> known) {
    String word = unknown.toLowerCase(Locale.ROOT).replace('_', '-');
    String nearest = null;
    int least = Math.max(2, word.length() / 3) + 1;
    for (String each : known) {
      int distance = distance(word, each);
      if (word.indexOf('.') < 0) {
        distance = Math.min(distance, distance(word, each.substring(each.lastIndexOf('.') + 1)));
      }
      if (distance < least) {
        least = distance;
        nearest = each;
      }
    }
    return nearest == null
        ? "Known: " + String.join(", ", known) + "."
        : "Did you mean '" + nearest + "'?";
  }

  /** Insertions, deletions and replacements between two words (Levenshtein 1966). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
