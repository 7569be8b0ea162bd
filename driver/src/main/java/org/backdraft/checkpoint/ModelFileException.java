package org.backdraft.checkpoint;

import java.io.IOException;

/** A model file that cannot be used; the message names file, place, what was expected and found. */
public final class ModelFileException extends IOException {
  private static final long serialVersionUID = 1L;

  public ModelFileException(String message) {
    super(message);
  }

  public ModelFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
