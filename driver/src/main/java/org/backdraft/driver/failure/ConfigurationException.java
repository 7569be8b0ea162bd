package org.backdraft.driver.failure;

import java.util.Locale;

/** A configuration that cannot run as it is; the message names the key. */
public final class ConfigurationException extends BackdraftException {
  private static final long serialVersionUID = 1L;

  public ConfigurationException(String message) {
    super(message, null);
  }

  public ConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Throws unless {@code holds}.
   *
   * @param message a {@link String#format} pattern: the key, what must hold, what came
   */
  public static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new ConfigurationException(String.format(Locale.ROOT, message, values));
    }
  }

  /** Something that is made from configuration, and refuses what it does not know. */
  public interface Making<T> {
    T make();
  }

  /** Makes it; an argument that is refused is the configuration's fault. */
  public static <T> T checked(Making<T> making) {
    try {
      return making.make();
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
  }

  @Override
  public int exitCode() {
    return 2;
  }
}
