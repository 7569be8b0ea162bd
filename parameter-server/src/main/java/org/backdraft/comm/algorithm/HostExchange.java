package org.backdraft.comm.algorithm;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.leaf.TreeSum;

/**
 * Reduce-scatter in two levels, for ranks that share hosts: for each chunk one rank of every host,
 * its delegate, adds the host's nodes of the leaf tree; the chunk's owner then adds those of all
 * hosts. Both in the order of the tree, so the sums are exact for any number of hosts and of ranks
 * on each; see {@link HostGroups} for what must hold.
 *
 * <p>With s_r nodes of rank r, t_h of host h's run of leaves and L_h ranks there:
 *
 * <p><b>Communication steps</b>: 2 for each piece of a chunk: L_h−1 messages on the host, then to
 * the owners on the H−1 other hosts. <b>Bytes between hosts</b>, sent by host h for S bytes:
 * S·t_h·(1 − L_h/N), against S·Σs_r·(1 − L_h/N) over its ranks of {@link DirectExchange}. <b>Bytes
 * on a host</b>, sent per rank: S·s_r·(1 − 1/L_h) on average. <b>Scratch</b>: for each chunk that a
 * rank is delegate of the nodes of its host less its own, and t − t_h pieces of its own chunk.
 *
 * <p><b>Source</b>: the two-level scheme of Karonis et al. 2000, <em>Exploiting hierarchy in
 * parallel computer networks to optimize collective operation performance</em>; that nodes of a
 * fixed tree travel is ours.
 */
final class HostExchange implements ReduceScatter {
  private final Transport transport;
  private final Adder adder;
  private final Ownership chunks;
  private final HostGroups hosts;
  private final int piece;
  private final int host;
  private int[] firstNode = {}; // by rank, among the nodes of its host
  private int[] hostNodes = {}; // of this host: where each is found among the nodes of its ranks
  private int[] firstHostNode = {}; // by host, among the nodes of all hosts
  private NodeFold[] hostFolds = {}; // by chunk; null where this rank is no delegate
  private NodeFold fold;
  private float[] scratch = {};
  private int used;

  HostExchange(Transport transport, Adder adder, Ownership chunks, HostGroups hosts, int piece) {
    this.transport = transport;
    this.adder = adder;
    this.chunks = chunks;
    this.hosts = hosts;
    this.piece = piece;
    host = hosts.hostOf(transport.context().rank());
  }

  @Override
  public void plan(Leaves leaves) {
    int worldSize = hosts.worldSize();
    List<LeafRange> allNodes = new ArrayList<>();
    firstHostNode = new int[hosts.count() + 1];
    for (int h = 0; h < hosts.count(); h++) {
      allNodes.addAll(run(leaves, h).subtrees());
      firstHostNode[h + 1] = allNodes.size();
    }
    fold = new NodeFold(adder, allNodes.size(), TreeSum.plan(leaves, allNodes));
    List<LeafRange> rankNodes = new ArrayList<>();
    firstNode = new int[worldSize + 1];
    for (int rank = hosts.first(host); rank < hosts.first(host + 1); rank++) {
      firstNode[rank] = rankNodes.size();
      rankNodes.addAll(leaves.rangeOf(rank, worldSize).subtrees());
      firstNode[rank + 1] = rankNodes.size();
    }
    List<TreeSum.Addition> additions = planHost(rankNodes, run(leaves, host).subtrees());
    hostFolds = new NodeFold[worldSize];
    for (int owner = 0; owner < worldSize; owner++) {
      if (hosts.delegate(host, owner) == transport.context().rank()) {
        hostFolds[owner] = new NodeFold(adder, rankNodes.size(), additions);
      }
    }
  }

  private LeafRange run(Leaves leaves, int h) {
    int worldSize = hosts.worldSize();
    return new LeafRange(
        leaves.rangeOf(hosts.first(h), worldSize).begin(),
        leaves.rangeOf(hosts.first(h + 1) - 1, worldSize).end());
  }

  /** The additions that fold the nodes of this host's ranks into those of its run of leaves. */
  private List<TreeSum.Addition> planHost(List<LeafRange> rankNodes, List<LeafRange> runNodes) {
    List<TreeSum.Addition> additions = new ArrayList<>();
    hostNodes = new int[runNodes.size()];
    int at = 0;
    for (int i = 0; i < runNodes.size(); i++) {
      LeafRange node = runNodes.get(i);
      hostNodes[i] = at;
      // The tree below an aligned node is the tree of a batch with that many leaves.
      List<LeafRange> below = new ArrayList<>();
      int first = at;
      while (at < rankNodes.size() && rankNodes.get(at).end() <= node.end()) {
        LeafRange part = rankNodes.get(at++);
        below.add(new LeafRange(part.begin() - node.begin(), part.end() - node.begin()));
      }
      for (TreeSum.Addition each : TreeSum.plan(new Leaves(node.size()), below)) {
        additions.add(new TreeSum.Addition(each.target() + first, each.source() + first));
      }
    }
    return additions;
  }

  @Override
  public void run(float[][] sums, int begin, int end, long step) throws CollectiveException {
    int longest = 0;
    for (int owner = 0; owner < hosts.worldSize(); owner++) {
      longest = Math.max(longest, chunks.end(owner, begin, end) - chunks.begin(owner, begin, end));
    }
    reserve(Math.min(piece, longest), sums.length);
    for (long at = 0; at < longest; at += piece) {
      used = 0;
      sumOnHost(sums, begin, end, (int) at, step);
      sumOverHosts(sums[0], begin, end, (int) at, step);
    }
  }

  private int length(int owner, int begin, int end, int offset) {
    return Math.min(
        piece, chunks.end(owner, begin, end) - chunks.begin(owner, begin, end) - offset);
  }

  private void sumOnHost(float[][] sums, int begin, int end, int offset, long step)
      throws CollectiveException {
    int rank = transport.context().rank();
    for (int owner = 0; owner < hosts.worldSize(); owner++) {
      int from = chunks.begin(owner, begin, end) + offset;
      int length = length(owner, begin, end, offset);
      int delegate = hosts.delegate(host, owner);
      if (delegate == rank) {
        receive(sums, owner, from, length, step);
        continue;
      }
      for (int i = 0; i < sums.length && length > 0; i++) {
        transport.send(delegate, step, sums[i], from, from + length);
      }
    }
    transport.await("reduce-scatter on a host");
    for (int owner = 0; owner < hosts.worldSize(); owner++) {
      int length = length(owner, begin, end, offset);
      if (hostFolds[owner] != null && length > 0) {
        hostFolds[owner].run(length);
      }
    }
  }

  private void receive(float[][] sums, int owner, int from, int length, long step) {
    int rank = transport.context().rank();
    for (int peer = hosts.first(host); peer < hosts.first(host + 1) && length > 0; peer++) {
      for (int node = firstNode[peer]; node < firstNode[peer + 1]; node++) {
        if (peer == rank) {
          hostFolds[owner].place(node, sums[node - firstNode[rank]], from);
          continue;
        }
        hostFolds[owner].place(node, scratch, used);
        transport.receive(peer, step, scratch, used, used + length);
        used += length;
      }
    }
  }

  private void sumOverHosts(float[] sum, int begin, int end, int offset, long step)
      throws CollectiveException {
    int rank = transport.context().rank();
    for (int owner = 0; owner < hosts.worldSize(); owner++) {
      int length = length(owner, begin, end, offset);
      // Owners on this host have what it adds: they added it themselves.
      if (hostFolds[owner] != null && hosts.hostOf(owner) != host && length > 0) {
        for (int node : hostNodes) {
          hostFolds[owner].send(node, length, transport, owner, step);
        }
      }
    }
    int from = chunks.begin(rank, begin, end) + offset;
    int length = length(rank, begin, end, offset);
    for (int h = 0; h < hosts.count() && length > 0; h++) {
      for (int node = firstHostNode[h]; node < firstHostNode[h + 1]; node++) {
        if (h == host) {
          hostFolds[rank].placeIn(fold, hostNodes[node - firstHostNode[h]], node);
          continue;
        }
        fold.place(node, scratch, used);
        transport.receive(hosts.delegate(h, rank), step, scratch, used, used + length);
        used += length;
      }
    }
    transport.await("reduce-scatter over hosts");
    if (length > 0) {
      fold.run(length);
      fold.copyOut(0, sum, from, length);
    }
  }

  private void reserve(int length, int ownNodes) {
    int delegated = 0;
    for (NodeFold each : hostFolds) {
      delegated += each == null ? 0 : 1;
    }
    int nodesOfOthers = firstNode[hosts.first(host + 1)] - ownNodes;
    int nodesOfHosts = firstHostNode[hosts.count()] - hostNodes.length;
    long needed = length * ((long) delegated * nodesOfOthers + nodesOfHosts);
    if (scratch.length < needed) {
      scratch = new float[Math.toIntExact(needed)];
    }
  }
}
