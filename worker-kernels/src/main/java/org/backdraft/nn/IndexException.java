package org.backdraft.nn;

/**
 * An example holds a number that is no row of an embedding; the message names layer, example,
 * position and number.
 */
public final class IndexException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public IndexException(String message) {
    super(message);
  }
}
