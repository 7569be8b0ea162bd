package org.backdraft.data;

import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;

/**
 * The order in which an epoch visits the examples: a function of (seed, epoch) alone, so that it
 * depends on no cluster and survives a restart.
 */
public final class EpochOrder {
  /** The shuffle's own stream of random numbers, apart from those of layers: "shuffle" in ASCII. */
  private static final long OPERATION = 0x73_68_75_66_66_6c_65L;

  private EpochOrder() {}

  /**
   * The ids {@code 0 … examples − 1}, each once.
   *
   * <p>Source: the Fisher–Yates shuffle (Durstenfeld 1964), whose draw from {@code [0, i]} takes
   * the high half of a 64-bit product with 32 random bits; the bias is below i / 2^32.
   *
   * @param epoch from 0
   * @param shuffle false for the source's own order
   */
  public static int[] of(long seed, int epoch, int examples, boolean shuffle) {
    Checks.argument(
        epoch >= 0 && examples >= 0,
        "An epoch's order needs epoch and examples of at least 0: got %d and %d.",
        epoch,
        examples);
    int[] order = new int[examples];
    for (int i = 0; i < examples; i++) {
      order[i] = i;
    }
    if (shuffle) {
      long key = CounterRandom.key(seed, epoch, OPERATION);
      for (int i = examples - 1; i > 0; i--) {
        long bits = CounterRandom.bits(key, 0, i) & 0xffff_ffffL;
        int j = (int) ((bits * (i + 1)) >>> 32);
        int swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
      }
    }
    return order;
  }
}
