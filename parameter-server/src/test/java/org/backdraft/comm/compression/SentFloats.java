package org.backdraft.comm.compression;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Transport;

/** Counts the floats that a rank sends. */
final class SentFloats implements Transport {
  private final Transport transport;
  private long floats;

  SentFloats(Transport transport) {
    this.transport = transport;
  }

  long floats() {
    return floats;
  }

  @Override
  public RankContext context() {
    return transport.context();
  }

  @Override
  public void send(int peer, long step, float[] source, int begin, int end) {
    floats += end - begin;
    transport.send(peer, step, source, begin, end);
  }

  @Override
  public void receive(int peer, long step, float[] target, int begin, int end) {
    transport.receive(peer, step, target, begin, end);
  }

  @Override
  public void await(String operation) throws CollectiveException {
    transport.await(operation);
  }

  @Override
  public void close() {
    transport.close();
  }

  @Override
  public long waitedNanos() {
    return transport.waitedNanos();
  }
}
