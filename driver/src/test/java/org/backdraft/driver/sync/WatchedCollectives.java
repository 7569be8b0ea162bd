package org.backdraft.driver.sync;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.leaf.Leaves;

/** Collectives of a rank that does something before each exchange. */
record WatchedCollectives(Collectives collectives, Event event) implements Collectives {
  interface Event {
    /**
     * @param operation {@code reduce-scatter}, {@code all-gather} or {@code all-reduce}
     */
    void before(String operation, int begin, int end) throws CollectiveException;
  }

  @Override
  public void reduceScatter(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {
    event.before("reduce-scatter", begin, end);
    collectives.reduceScatter(leaves, sums, begin, end, step);
  }

  @Override
  public void allGather(float[] values, int begin, int end, long step) throws CollectiveException {
    event.before("all-gather", begin, end);
    collectives.allGather(values, begin, end, step);
  }

  @Override
  public ElementRange owned(int rank, int begin, int end) {
    return collectives.owned(rank, begin, end);
  }

  @Override
  public void allReduce(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {
    event.before("all-reduce", begin, end);
    collectives.allReduce(leaves, sums, begin, end, step);
  }

  @Override
  public void broadcast(int root, float[] values, int begin, int end, long step)
      throws CollectiveException {
    collectives.broadcast(root, values, begin, end, step);
  }

  @Override
  public void barrier(long step) throws CollectiveException {
    collectives.barrier(step);
  }

  @Override
  public long waitedNanos() {
    return collectives.waitedNanos();
  }
}
