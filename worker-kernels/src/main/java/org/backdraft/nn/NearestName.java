package org.backdraft.nn;

import java.util.Collection;

/** Finds what a user may have meant by an unknown name. */
final class NearestName {
  private NearestName() {}

  /** {@code " (did you mean 'x'?)"}, or nothing where no known name is near. */
  static String hint(String name, Collection<String> known) {
    String best = null;
    int least = Math.max(2, name.length() / 2) + 1;
    for (String each : known) {
      int distance = distance(name, each);
      if (distance < least) {
        least = distance;
        best = each;
      }
    }
    return best == null ? "" : " (did you mean '" + best + "'?)";
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
