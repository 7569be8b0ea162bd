package org.backdraft.driver.sync;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.leaf.Leaves;

/** As of a rank of two that owns everything, and whose peer is infinitely fast and adds nothing. */
class NoPeers implements Collectives {
  @Override
  public void reduceScatter(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {}

  @Override
  public void allGather(float[] values, int begin, int end, long step) throws CollectiveException {}

  @Override
  public ElementRange owned(int rank, int begin, int end) {
    return new ElementRange(begin, end);
  }

  @Override
  public void allReduce(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {}

  @Override
  public void broadcast(int root, float[] values, int begin, int end, long step) {}

  @Override
  public void barrier(long step) {}

  @Override
  public long waitedNanos() {
    return 0;
  }
}
