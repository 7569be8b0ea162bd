package org.backdraft.jobs.config;

import java.util.Collection;
import java.util.Locale;
import org.backdraft.text.EditDistance;

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
      int distance = EditDistance.between(word, each);
      if (word.indexOf('.') < 0) {
        distance =
            Math.min(
                distance, EditDistance.between(word, each.substring(each.lastIndexOf('.') + 1)));
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
}
