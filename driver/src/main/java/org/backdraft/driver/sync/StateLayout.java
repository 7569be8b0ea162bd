package org.backdraft.driver.sync;

import org.backdraft.optim.Optimizer;
import org.backdraft.optim.QuasiNewtonSearch;
import org.backdraft.optim.SearchRule;

/**
 * The arrays that a gang's state has besides the model, each as long as the parameters, by their
 * numbers: first those that all ranks share, then those that differ from rank to rank.
 *
 * @param optimizer arrays of the optimizer that ranks share
 * @param average 1 where an average of the parameters is kept, else 0
 * @param search arrays of a search, which all ranks have alike
 * @param perRank arrays of each rank: its own state of the optimizer, or what its error feedback
 *     owes
 * @param workers how many ranks there are
 */
public record StateLayout(int optimizer, int average, int search, int perRank, int workers) {
  /**
   * That of a run.
   *
   * @param parameters how many the network has
   */
  public static StateLayout of(Updates updates, SyncSpec sync, int workers, int parameters) {
    Optimizer rule = updates.optimizer();
    SyncSpec.Economy economy = sync.economy();
    boolean isApart = sync.strategy() == SyncSpec.Strategy.LOCAL_SGD && !economy.averageOptimizer();
    int owed = economy.compression().needsFeedback() && workers > 1 ? 1 : 0;
    return new StateLayout(
        isApart ? 0 : rule.stateSlots(),
        updates.averaging().isNone() ? 0 : 1,
        rule instanceof SearchRule search ? QuasiNewtonSearch.savedArrays(search, parameters) : 0,
        isApart ? rule.stateSlots() : owed,
        workers);
  }

  /** The number of the average. */
  public int averageSlot() {
    return optimizer;
  }

  /** The number of a search's first array. */
  public int searchSlot() {
    return optimizer + average;
  }

  /** The number of a rank's first own array. */
  public int rankSlot(int rank) {
    return optimizer + average + search + rank * perRank;
  }

  /** Whether a state can be gone on from with as many workers only. */
  public boolean hasRanks() {
    return perRank > 0;
  }

  /** How many arrays there are. */
  public int total() {
    return rankSlot(workers);
  }
}
