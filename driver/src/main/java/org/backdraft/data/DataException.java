package org.backdraft.data;

import java.io.IOException;

/**
 * Data that cannot be used as it is; the message names file, place, what was expected and found.
 */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
