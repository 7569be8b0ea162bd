package org.backdraft.driver.worker;

import java.io.IOException;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.KeptArrays;
import org.backdraft.optim.Lbfgs;
import org.backdraft.optim.LbfgsSearch;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;

/** A search as a part of the gang's state. All ranks have the same one, so one sends it. */
final class KeptSearch {
  private final Lbfgs rule;
  private final ParameterBlocks blocks;
  private final float[] parameters;
  private final int slot;
  private final boolean isSent;

  /**
   * @param slot the number of its first array
   * @param isSent whether this rank sends it
   */
  KeptSearch(Lbfgs rule, Replica replica, int slot, boolean isSent) {
    this.rule = rule;
    blocks = new ParameterBlocks(replica.plan().parameterTable());
    parameters = replica.parameters();
    this.slot = slot;
    this.isSent = isSent;
  }

  /** A search from the replica's parameters. */
  LbfgsSearch begin() {
    return new LbfgsSearch(rule, blocks, parameters);
  }

  /**
   * The search that training goes on with, at the replica's parameters.
   *
   * @param value what it had reached there
   */
  LbfgsSearch receive(WorkerControl control, double value)
      throws IOException, InterruptedException {
    float[][] saved = new float[LbfgsSearch.savedArrays(rule)][parameters.length];
    StateReceiver.receive(KeptArrays.whole(blocks, saved, slot, isSent), control);
    return LbfgsSearch.restored(rule, blocks, parameters, saved, value);
  }

  /** What is to be saved of a search between two directions. */
  KeptArrays of(LbfgsSearch search) {
    return KeptArrays.whole(blocks, search.saved(), slot, isSent);
  }
}
