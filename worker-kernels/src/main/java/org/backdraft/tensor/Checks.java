package org.backdraft.tensor;

/** Argument checks at public doors: what must hold, what came, what to do. */
public final class Checks {
  private Checks() {}

  /**
   * Throws unless {@code holds}.
   *
   * @param message a {@link String#formatted} pattern that says what must hold, what came and what
   *     to do
   * @throws IllegalArgumentException with the formatted message
   */
  public static void argument(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(String.format(java.util.Locale.ROOT, message, values));
    }
  }

  /**
   * Throws unless {@code holds}.
   *
   * @throws IllegalStateException with the formatted message
   */
  public static void state(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalStateException(String.format(java.util.Locale.ROOT, message, values));
    }
  }
}
