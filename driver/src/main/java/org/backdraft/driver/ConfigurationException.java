package org.backdraft.driver;

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
  static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new ConfigurationException(String.format(Locale.ROOT, message, values));
    }
  }

  @Override
  public int exitCode() {
    return 2;
  }
}
