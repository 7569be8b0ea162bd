package org.backdraft.driver.worker;

import java.io.IOException;
import org.backdraft.driver.control.StateRanges;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.KeptArrays;
import org.backdraft.plan.OwnedParameters;

/** Fetches the state that a rank goes on from; the driver has it whole. */
final class StateReceiver {
  private StateReceiver() {}

  /**
   * Asks the driver for what the rank keeps.
   *
   * @param state filled
   */
  static void receive(KeptArrays state, WorkerControl control)
      throws IOException, InterruptedException {
    OwnedParameters owned = state.owned();
    int[] begins = new int[owned.ranges()];
    int[] ends = new int[owned.ranges()];
    for (int range = 0; range < begins.length; range++) {
      begins[range] = owned.begin(range);
      ends[range] = owned.end(range);
    }
    control.receiveStartState(
        new StateRanges(begins, ends, state.firstSlot(), state.firstSlot() + state.arrays().length),
        chunk -> state.put(chunk.slot(), chunk.begin(), chunk.values()));
  }
}
