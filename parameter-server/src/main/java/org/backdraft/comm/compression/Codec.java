package org.backdraft.comm.compression;

/**
 * A lossy form of a run of floats, for the wire.
 *
 * <p>The form is a run of floats too, since a {@link org.backdraft.comm.transport.Transport} moves
 * those; but what they hold are bits, read by {@link Float#floatToRawIntBits} alone. Transports
 * move every bit pattern as it is.
 *
 * <p>The same values give the same form on every machine. A NaN or an infinity among the values
 * gives at least one NaN or infinity in what is decoded, so a diverged gradient is not hidden.
 *
 * <p><b>Threads</b>: used by one thread; an implementation may keep scratch memory.
 */
public interface Codec {
  /** How many floats the form of {@code length} values takes: a function of the length alone. */
  int encodedLength(int length);

  /**
   * Writes the form of {@code values[begin, begin + length)} to {@code encoded}, from {@code at}.
   *
   * @param length at least 1
   */
  void encode(float[] values, int begin, int length, float[] encoded, int at);

  /**
   * Adds what a form stands for: {@code target[begin + i] += sign * decoded[i]} for {@code length}
   * elements.
   *
   * @param length that was encoded
   * @param sign 1 or −1
   * @throws IllegalArgumentException if it is no form of that length
   */
  void addDecoded(float[] encoded, int at, float[] target, int begin, int length, float sign);

  /**
   * Whether training needs what encoding loses to be added to the next step's values; see {@link
   * ErrorFeedback}.
   */
  boolean needsFeedback();
}
