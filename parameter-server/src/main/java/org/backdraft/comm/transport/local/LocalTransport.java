package org.backdraft.comm.transport.local;

import java.util.Arrays;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.PostedRanges;
import org.backdraft.comm.transport.Transport;

/** A rank's end of a {@link LocalGang}. */
final class LocalTransport implements Transport {
  private final LocalGang gang;
  private final RankContext context;
  private final LocalGang.Wait wait;
  private final PostedRanges[] receives; // by peer
  private int[] receiveOrder = new int[8];
  private int receiveCount;
  private long step;

  LocalTransport(LocalGang gang, RankContext context, long deadlineNanos) {
    this.gang = gang;
    this.context = context;
    wait = new LocalGang.Wait(context, deadlineNanos);
    receives = new PostedRanges[context.worldSize()];
    for (int peer = 0; peer < receives.length; peer++) {
      receives[peer] = new PostedRanges();
    }
  }

  @Override
  public RankContext context() {
    return context;
  }

  @Override
  public void send(int peer, long step, float[] source, int begin, int end) {
    PostedRanges.check(peer, context.rank(), context.worldSize(), source, begin, end);
    this.step = step;
    gang.post(context.rank(), peer, step, source, begin, end);
  }

  @Override
  public void receive(int peer, long step, float[] target, int begin, int end) {
    PostedRanges.check(peer, context.rank(), context.worldSize(), target, begin, end);
    this.step = step;
    receives[peer].add(step, target, begin, end);
    if (receiveCount == receiveOrder.length) {
      receiveOrder = Arrays.copyOf(receiveOrder, 2 * receiveCount);
    }
    receiveOrder[receiveCount++] = peer;
  }

  @Override
  public void await(String operation) throws CollectiveException {
    wait.start(operation, step);
    int rank = context.rank();
    // Sends were published when they were posted, so waiting in the order of posting cannot lock.
    for (int i = 0; i < receiveCount; i++) {
      PostedRanges next = receives[receiveOrder[i]];
      gang.copy(receiveOrder[i], rank, next.step(), next.array(), next.begin(), next.end(), wait);
      next.remove();
      wait.moved();
    }
    receiveCount = 0;
    for (int peer = 0; peer < context.worldSize(); peer++) {
      gang.awaitCopied(rank, peer, wait);
      wait.moved();
    }
  }

  @Override
  public long waitedNanos() {
    return wait.waitedNanos();
  }

  @Override
  public void close() {
    gang.close(context.rank());
  }
}
