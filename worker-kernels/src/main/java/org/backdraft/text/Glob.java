package org.backdraft.text;

import java.io.Serializable;

/**
 * A pattern for names, as a shell has them: {@code *} stands for any characters, none and dots
 * among them, {@code ?} for one, and everything else for itself; a name has to match as a whole.
 *
 * @param pattern the text
 */
public record Glob(String pattern) implements Serializable {
  /** Whether a name is one of those that are meant; in time of the product of both lengths. */
  public boolean matches(String name) {
    int at = 0;
    int from = 0;
    int star = -1; // the last star that was met, and how far the name was then
    int tried = 0;
    while (from < name.length()) {
      char wanted = at < pattern.length() ? pattern.charAt(at) : 0;
      if (wanted == '*') {
        star = at++;
        tried = from;
      } else if (at < pattern.length() && (wanted == '?' || wanted == name.charAt(from))) {
        at++;
        from++;
      } else if (star >= 0) {
        at = star + 1;
        from = ++tried;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }

  @Override
  public String toString() {
    return pattern;
  }
}
