package org.backdraft.scaling;

import org.backdraft.comm.RankContext;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.transport.PostedRanges;
import org.backdraft.comm.transport.Transport;

/**
 * A transport that moves nothing and an adder that adds nothing: both write down what a rank's
 * collectives ask of them. What collectives post depends on the ranges, the rank and the number of
 * ranks, never on what came; so each rank is recorded alone, and every wait ends at once.
 */
final class RecordingTransport implements Transport, Adder {
  private final RankContext context;
  private final RankTable table;

  RecordingTransport(RankContext context, RankTable table) {
    this.context = context;
    this.table = table;
  }

  @Override
  public RankContext context() {
    return context;
  }

  @Override
  public void send(int peer, long step, float[] source, int begin, int end) {
    PostedRanges.check(peer, context.rank(), context.worldSize(), source, begin, end);
    table.send(peer, end - begin);
  }

  @Override
  public void receive(int peer, long step, float[] target, int begin, int end) {
    PostedRanges.check(peer, context.rank(), context.worldSize(), target, begin, end);
    table.receive(peer, end - begin);
  }

  @Override
  public void await(String operation) {
    table.endRound();
  }

  @Override
  public void add(float[] target, int targetBase, float[] source, int sourceBase, int length) {
    table.add(length);
  }

  @Override
  public long waitedNanos() {
    return 0;
  }

  @Override
  public void close() {}
}
