package org.backdraft.data;

import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;

/**
 * One fold of a cross-validation, held out: n examples are cut into runs of k, and of each run
 * every fold has one example, in an order that is turned by a random number of the run. So the fold
 * of an example is a function of (seed, id, k) alone, folds are of equal size but for one example,
 * and all of them together are the set.
 *
 * @param examples n
 * @param folds k, in [2, n]
 * @param fold that is held out, in [0, k)
 * @param seed of the cut
 */
record Folds(int examples, int folds, int fold, long seed) implements Division {
  private static final long serialVersionUID = 1L;

  /** The cut's own stream of random numbers: "folds" in ASCII. */
  private static final long OPERATION = 0x66_6f_6c_64_73L;

  Folds {
    Checks.argument(
        folds >= 2 && folds <= examples,
        "cross-validation.folds must be at least 2 and at most the number of examples (%d): got %d.",
        examples,
        folds);
    Checks.argument(fold >= 0 && fold < folds, "fold must lie in [0, %d): got %d.", folds, fold);
  }

  /** The place, within a run, of the example that is held out. */
  private int place(int run) {
    long bits = CounterRandom.bits(CounterRandom.key(seed, 0, OPERATION), 0, run) & 0xffff_ffffL;
    int turn = (int) ((bits * folds) >>> 32);
    return (fold + turn) % folds;
  }

  @Override
  public int heldOut() {
    int runs = examples / folds;
    return place(runs) < examples % folds ? runs + 1 : runs;
  }

  @Override
  public int heldOutId(int index) {
    return index * folds + place(index);
  }

  @Override
  public int keptId(int kept) {
    int run = kept / (folds - 1);
    int within = kept % (folds - 1);
    return run * folds + (within >= place(run) ? within + 1 : within);
  }
}
