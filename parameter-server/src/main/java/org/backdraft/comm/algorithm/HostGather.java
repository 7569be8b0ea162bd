package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;

/**
 * All-gather in two levels, for ranks that share hosts: an owner sends its elements to one rank of
 * every other host, its delegate there, which hands them to the rest of its host.
 *
 * <p><b>Communication steps</b>: 2. <b>Bytes between hosts</b>, sent per rank for S bytes on H
 * hosts of N ranks: S·(H−1)/N, so each host receives every element once. <b>Scratch</b>: none.
 *
 * <p><b>Source</b>: as {@link HostExchange}.
 */
final class HostGather implements AllGather {
  private final Transport transport;
  private final Ownership chunks;
  private final HostGroups hosts;
  private final int host;

  HostGather(Transport transport, Ownership chunks, HostGroups hosts) {
    this.transport = transport;
    this.chunks = chunks;
    this.hosts = hosts;
    host = hosts.hostOf(transport.context().rank());
  }

  @Override
  public void run(float[] values, int begin, int end, long step) throws CollectiveException {
    int rank = transport.context().rank();
    for (int h = 0; h < hosts.count(); h++) {
      if (h != host) {
        send(hosts.delegate(h, rank), values, rank, begin, end, step);
      }
    }
    for (int owner = 0; owner < hosts.worldSize(); owner++) {
      if (hosts.hostOf(owner) != host && hosts.delegate(host, owner) == rank) {
        receive(owner, values, owner, begin, end, step);
      }
    }
    transport.await("all-gather over hosts");
    for (int owner = 0; owner < hosts.worldSize(); owner++) {
      int delegate = hosts.delegate(host, owner);
      if (delegate != rank) {
        receive(delegate, values, owner, begin, end, step);
        continue;
      }
      for (int peer = hosts.first(host); peer < hosts.first(host + 1); peer++) {
        if (peer != rank) {
          send(peer, values, owner, begin, end, step);
        }
      }
    }
    transport.await("all-gather on a host");
  }

  private void send(int peer, float[] values, int owner, int begin, int end, long step) {
    int from = chunks.begin(owner, begin, end);
    int to = chunks.end(owner, begin, end);
    if (to > from) {
      transport.send(peer, step, values, from, to);
    }
  }

  private void receive(int peer, float[] values, int owner, int begin, int end, long step) {
    int from = chunks.begin(owner, begin, end);
    int to = chunks.end(owner, begin, end);
    if (to > from) {
      transport.receive(peer, step, values, from, to);
    }
  }
}
