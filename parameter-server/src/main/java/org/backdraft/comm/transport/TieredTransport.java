package org.backdraft.comm.transport;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.tensor.Checks;

/**
 * The transport of a rank whose neighbours in one JVM are reached by memory and all others by the
 * network.
 *
 * <p>{@link #await} completes what was posted for the neighbours first. That cannot lock: it waits
 * for neighbours alone, and each of them comes to it before it waits for the network.
 */
public final class TieredTransport implements Transport {
  private final Transport network;
  private final Transport memory;
  private final int first;
  private final int end;

  /**
   * @param network connects all ranks
   * @param memory of the same rank of the same gang; only the ranks in this JVM have joined it
   * @param first the first rank in this JVM
   * @param end one past the last rank in this JVM
   */
  public TieredTransport(Transport network, Transport memory, int first, int end) {
    RankContext context = network.context();
    Checks.argument(
        context.equals(memory.context()) && first <= context.rank() && context.rank() < end,
        "Memory and network must connect one rank, which is in [%d, %d): got %s and %s.",
        first,
        end,
        memory.context(),
        context);
    this.network = network;
    this.memory = memory;
    this.first = first;
    this.end = end;
  }

  @Override
  public RankContext context() {
    return network.context();
  }

  @Override
  public void send(int peer, long step, float[] source, int begin, int end) {
    if (isHere(peer)) {
      memory.send(peer, step, source, begin, end);
    } else {
      network.send(peer, step, source, begin, end);
    }
  }

  @Override
  public void receive(int peer, long step, float[] target, int begin, int end) {
    if (isHere(peer)) {
      memory.receive(peer, step, target, begin, end);
    } else {
      network.receive(peer, step, target, begin, end);
    }
  }

  private boolean isHere(int peer) {
    return peer >= first && peer < end;
  }

  @Override
  public void await(String operation) throws CollectiveException {
    memory.await(operation);
    network.await(operation);
  }

  @Override
  public long waitedNanos() {
    return memory.waitedNanos() + network.waitedNanos();
  }

  @Override
  public void close() {
    memory.close();
    network.close();
  }
}
