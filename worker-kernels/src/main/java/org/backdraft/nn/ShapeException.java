package org.backdraft.nn;

/**
 * A layer cannot take the shape of its input; the message names layer, expected and found shape.
 */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public ShapeException(String message) {
    super(message);
  }
}
