package org.backdraft.driver.sync;

import java.io.IOException;
import org.backdraft.comm.Collectives;
import org.backdraft.plan.BatchSums;
import org.backdraft.plan.ParameterArrival;
import org.backdraft.plan.UpdatePeers;

/** Peers for passes and updates: what these wait for them counts as exchange, not as computing. */
final class TimedPeers implements BatchSums, ParameterArrival, UpdatePeers {
  private final StepExchange peers;
  private final Collectives collectives;
  private final StepTimes times;

  /**
   * @param collectives that {@code peers} are reached by
   * @param times whose lap is that of what computes
   */
  TimedPeers(StepExchange peers, Collectives collectives, StepTimes times) {
    this.peers = peers;
    this.collectives = collectives;
    this.times = times;
  }

  @Override
  public void add(float[][] sums, int length, boolean backward)
      throws IOException, InterruptedException {
    times.computed();
    long waitedNanos = collectives.waitedNanos();
    peers.add(sums, length, backward);
    times.exchanged(collectives.waitedNanos() - waitedNanos);
  }

  @Override
  public void await(int end) throws IOException, InterruptedException {
    times.computed();
    long waitedNanos = collectives.waitedNanos();
    peers.await(end);
    times.exchanged(collectives.waitedNanos() - waitedNanos);
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
