package org.backdraft.driver.sync;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.leaf.Leaves;

/** Collectives of a rank whose gradients are not numbers in one step. */
record PoisonedCollectives(Collectives collectives, long poisonedStep) implements Collectives {
  @Override
  public void reduceScatter(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {
    if (step == poisonedStep) {
      sums[0][begin] = Float.NaN;
    }
    collectives.reduceScatter(leaves, sums, begin, end, step);
  }

  @Override
  public void allGather(float[] values, int begin, int end, long step) throws CollectiveException {
    collectives.allGather(values, begin, end, step);
  }

  @Override
  public ElementRange owned(int rank, int begin, int end) {
    return collectives.owned(rank, begin, end);
  }

  @Override
  public void allReduce(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {
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
