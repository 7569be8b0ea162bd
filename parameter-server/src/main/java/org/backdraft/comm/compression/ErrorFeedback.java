package org.backdraft.comm.compression;

import java.util.Arrays;
import org.backdraft.comm.algorithm.Adder;

/**
 * Encodes values and keeps what is lost for the next time: with the residual e of the step before,
 * x = v + e is encoded, and the new e is x − decoded(x). Over all steps what was sent then differs
 * from what was to be sent by the last residual alone.
 *
 * <p>The difference is exact in float32 for the 8-bit and the sparse form (Sterbenz's lemma), and
 * rounded for one bit.
 *
 * <p><b>Source</b>: Seide et al. 2014, §3.1; Karimireddy et al. 2019, <em>Error feedback fixes
 * SignSGD and other gradient compression schemes</em>, algorithm 2.
 *
 * <p><b>Threads</b>: used by one thread.
 */
final class ErrorFeedback {
  private final Codec codec;
  private final Adder adder;
  private final float[] residuals;

  /**
   * @param elements that residuals are kept of, if the codec needs them
   */
  ErrorFeedback(Codec codec, Adder adder, int elements) {
    this.codec = codec;
    this.adder = adder;
    residuals = new float[codec.needsFeedback() ? elements : 0];
  }

  /** What is owed of each element; empty where nothing is kept. The live array. */
  float[] residuals() {
    return residuals;
  }

  /**
   * Encodes {@code values[begin, begin + length)} and what is owed of them.
   *
   * @param values overwritten there by what was encoded
   */
  void encode(float[] values, int begin, int length, float[] encoded, int at) {
    if (residuals.length > 0) {
      adder.add(values, begin, residuals, begin, length);
    }
    codec.encode(values, begin, length, encoded, at);
    if (residuals.length > 0) {
      System.arraycopy(values, begin, residuals, begin, length);
      codec.addDecoded(encoded, at, residuals, begin, length, -1);
    }
  }

  /** Multiplies all that is owed by {@code factor}. */
  void scale(float factor) {
    for (int i = 0; i < residuals.length; i++) {
      residuals[i] *= factor;
    }
  }

  /** Adds what is owed of values that need not be encoded; the caller keeps them whole. */
  void settle(float[] values, int begin, int length) {
    if (residuals.length > 0) {
      adder.add(values, begin, residuals, begin, length);
      Arrays.fill(residuals, begin, begin + length, 0);
    }
  }
}
