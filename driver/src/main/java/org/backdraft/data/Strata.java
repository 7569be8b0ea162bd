package org.backdraft.data;

import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;

/**
 * Which examples are held out: n examples are cut into m runs of nearly equal length, and one
 * example of each run is held out, chosen by a random number of the run's index alone.
 *
 * <p>So the parts depend on n and m only, and are spread over the source whether its classes lie
 * one after the other or alternate.
 *
 * @param examples n
 * @param heldOut m, in [1, n)
 */
record Strata(int examples, int heldOut) implements Division {
  private static final long serialVersionUID = 1L;

  /** The choice's own stream of random numbers: "heldout" in ASCII. */
  private static final long OPERATION = 0x68_65_6c_64_6f_75_74L;

  private static final long KEY = CounterRandom.key(0, 0, OPERATION);

  Strata {
    Checks.argument(
        heldOut >= 1 && heldOut < examples,
        "Of %d examples at least 1 and not all can be held out: got %d. Change data.validation.",
        examples,
        heldOut);
  }

  /** The first example of run {@code run} in [0, heldOut]. */
  private int begin(int run) {
    return (int) ((long) run * examples / heldOut);
  }

  @Override
  public int heldOutId(int run) {
    int begin = begin(run);
    long bits = CounterRandom.bits(KEY, 0, run) & 0xffff_ffffL;
    return begin + (int) ((bits * (begin(run + 1) - begin)) >>> 32);
  }

  @Override
  public int keptId(int kept) {
    // Before run r there are begin(r) − r kept examples, which never falls: find the last such run.
    int low = 0;
    int high = heldOut - 1;
    while (low < high) {
      int run = (int) (((long) low + high + 1) >>> 1);
      if (begin(run) - run <= kept) {
        low = run;
      } else {
        high = run - 1;
      }
    }
    int id = kept + low;
    return id >= heldOutId(low) ? id + 1 : id;
  }
}
