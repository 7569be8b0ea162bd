package org.backdraft.checkpoint;

import java.io.IOException;

/**
 * A checkpoint that cannot be used or written; the message names the place, what was expected and
 * found, and what to do.
 */
public final class CheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
