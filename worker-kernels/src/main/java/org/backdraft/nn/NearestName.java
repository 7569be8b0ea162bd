package org.backdraft.nn;

import java.util.Collection;
import org.backdraft.text.EditDistance;

/** Finds what a user may have meant by an unknown name. */
final class NearestName {
  private NearestName() {}

  /** {@code " (did you mean 'x'?)"}, or nothing where no known name is near. */
  static String hint(String name, Collection<String> known) {
    String best = null;
    int least = Math.max(2, name.length() / 2) + 1;
    for (String each : known) {
      int distance = EditDistance.between(name, each);
      if (distance < least) {
        least = distance;
        best = each;
      }
    }
    return best == null ? "" : " (did you mean '" + best + "'?)";
  }
}
