package org.backdraft.comm.algorithm;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.tensor.Checks;

/**
 * Which ranks share a host (or a JVM), where each host's ranks follow each other: ranks {@code
 * first(h)} … {@code first(h + 1) − 1} are on host h. Immutable.
 */
public final class HostGroups {
  private final int[] firsts; // by host, then the number of ranks

  private HostGroups(int[] firsts) {
    this.firsts = firsts;
  }

  /**
   * Why the ranks of these hosts cannot be summed host by host, or need not; empty where they can.
   *
   * <p>A host's ranks must follow each other. Their leaves are then one run of leaves, whose nodes
   * of the tree are sums of its ranks' nodes: a host can add them before anything leaves it, and
   * the order of every addition is still the tree's. The leaves of ranks 0 and 2, without those of
   * rank 1 between them, have no node in common, so nothing could be added on their host.
   *
   * @param hosts the host of each rank, by any name that is equal for ranks that share one
   */
  public static Optional<String> reasonAgainst(List<String> hosts) {
    Map<String, Integer> lastRank = new HashMap<>();
    for (int rank = 0; rank < hosts.size(); rank++) {
      Integer last = lastRank.put(hosts.get(rank), rank);
      if (last != null && last != rank - 1) {
        return Optional.of(
            "The ranks of a host must follow each other: ranks %d and %d are on %s, rank %d is on %s."
                .formatted(last, rank, hosts.get(rank), rank - 1, hosts.get(rank - 1)));
      }
    }
    if (lastRank.size() == 1) {
      return Optional.of("All ranks are on one host.");
    }
    if (lastRank.size() == hosts.size()) {
      return Optional.of("No two ranks are on one host.");
    }
    return Optional.empty();
  }

  /**
   * @param hosts the host of each rank
   * @throws IllegalArgumentException with {@link #reasonAgainst} if there is one
   */
  public static HostGroups of(List<String> hosts) {
    Optional<String> reason = reasonAgainst(hosts);
    Checks.argument(reason.isEmpty(), "%s Reduce without regard to hosts.", reason.orElse(""));
    int[] firsts = new int[hosts.size() + 1];
    int count = 0;
    for (int rank = 1; rank < hosts.size(); rank++) {
      if (!hosts.get(rank).equals(hosts.get(rank - 1))) {
        firsts[++count] = rank;
      }
    }
    firsts[++count] = hosts.size();
    return new HostGroups(Arrays.copyOf(firsts, count + 1));
  }

  /** The number of ranks. */
  public int worldSize() {
    return firsts[firsts.length - 1];
  }

  /** The number of hosts. */
  public int count() {
    return firsts.length - 1;
  }

  /** The first rank on {@code host}; for {@link #count}, the number of ranks. */
  public int first(int host) {
    return firsts[host];
  }

  /** The number of ranks on {@code host}. */
  public int size(int host) {
    return firsts[host + 1] - firsts[host];
  }

  /** The host of {@code rank}. */
  public int hostOf(int rank) {
    int at = Arrays.binarySearch(firsts, rank);
    return at >= 0 ? at : -at - 2;
  }

  /**
   * The rank on {@code host} that speaks for it about what {@code owner} owns: the owner itself on
   * its own host, elsewhere the ranks take turns.
   */
  int delegate(int host, int owner) {
    int home = hostOf(owner);
    return home == host ? owner : first(host) + (owner - first(home)) % size(host);
  }
}
