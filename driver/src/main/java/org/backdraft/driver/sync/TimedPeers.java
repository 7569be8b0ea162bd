package org.backdraft.driver.sync;

import java.io.IOException;
import org.backdraft.comm.Collectives;
import org.backdraft.plan.UpdatePeers;

/** Peers for an update: what it waits for them counts as exchange, not as computing. */
final class TimedPeers implements UpdatePeers {
  private final UpdatePeers peers;
  private final Collectives collectives;
  private final StepTimes times;

  /**
   * @param collectives that {@code peers} are reached by
   * @param times whose lap is the update's
   */
  TimedPeers(UpdatePeers peers, Collectives collectives, StepTimes times) {
    this.peers = peers;
    this.collectives = collectives;
    this.times = times;
  }

  @Override
  public void share(double[][] blockSums) throws IOException {
    times.computed();
    long waitedNanos = collectives.waitedNanos();
    peers.share(blockSums);
    times.exchanged(collectives.waitedNanos() - waitedNanos);
  }

  @Override
  public void updated(int range) {
    peers.updated(range);
  }
}
