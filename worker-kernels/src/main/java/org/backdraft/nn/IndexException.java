package org.backdraft.nn;

/**
 * An example holds a number that is no row of an embedding, or no class of a head; the message
 * names layer or head, example, and number.
 */
public final class IndexException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public IndexException(String message) {
    super(message);
  }
}
