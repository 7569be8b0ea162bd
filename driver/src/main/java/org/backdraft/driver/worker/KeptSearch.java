package org.backdraft.driver.worker;

import java.io.IOException;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.KeptArrays;
import org.backdraft.optim.QuasiNewtonSearch;
import org.backdraft.optim.SearchRule;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;

/** A search as a part of the gang's state. All ranks have the same one, so one sends it. */
final class KeptSearch {
  private final SearchRule rule;
  private final ParameterBlocks blocks;
  private final float[] parameters;
  private final int slot;
  private final boolean isSent;

  /**
   * @param slot the number of its first array
   * @param isSent whether this rank sends it
   */
  KeptSearch(SearchRule rule, Replica replica, int slot, boolean isSent) {
    this.rule = rule;
    blocks = new ParameterBlocks(replica.plan().parameterTable());
    parameters = replica.parameters();
    this.slot = slot;
    this.isSent = isSent;
  }

  /** A search from the replica's parameters. */
  QuasiNewtonSearch begin() {
    return new QuasiNewtonSearch(rule, blocks, parameters);
  }

  /**
   * The search that training goes on with, at the replica's parameters.
   *
   * @param value what it had reached there
   */
  QuasiNewtonSearch receive(WorkerControl control, double value)
      throws IOException, InterruptedException {
    float[][] saved =
        new float[QuasiNewtonSearch.savedArrays(rule, parameters.length)][parameters.length];
    StateReceiver.receive(KeptArrays.whole(blocks, saved, slot, isSent), control);
    return QuasiNewtonSearch.restored(rule, blocks, parameters, saved, value);
  }

  /** What is to be saved of a search between two directions. */
  KeptArrays of(QuasiNewtonSearch search) {
    return KeptArrays.whole(blocks, search.saved(), slot, isSent);
  }
}
