package org.backdraft.text;

import java.util.Collection;
import java.util.Optional;

/** How far two words are apart, for naming the nearest known one. */
public final class EditDistance {
  private EditDistance() {}

  /** The fewest insertions, deletions and replacements (Levenshtein 1966). */
  public static int between(String a, String b) {
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
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  /** The known word that {@code word} may have meant; empty where none is near. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    Optional<String> nearest = Optional.empty();
    int least = Math.max(2, word.length() / 3) + 1;
    for (String each : known) {
      int distance = between(word, each);
      if (distance < least) {
        least = distance;
        nearest = Optional.of(each);
      }
    }
    return nearest;
  }
}
