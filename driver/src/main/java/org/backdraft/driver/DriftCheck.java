package org.backdraft.driver;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.failure.TooManyFailuresException;

/**
 * Compares what the ranks say their weights are. They must be the same bits; where they are not, a
 * processor, a memory or Backdraft has failed. Used by one thread.
 */
final class DriftCheck {
  private static final int SHOWN_DIGITS = 12;

  private final int attempt;
  private final int worldSize;
  private final Map<Long, String[]> digests = new TreeMap<>(); // by steps, then by rank

  DriftCheck(int attempt, int worldSize) {
    this.attempt = attempt;
    this.worldSize = worldSize;
  }

  /**
   * Takes a rank's word.
   *
   * @param hosts of the ranks
   * @throws TooManyFailuresException if it is the last one of a step, and they differ
   */
  void compare(GangEvent.Digested event, IntFunction<String> hosts) {
    String[] all = digests.computeIfAbsent(event.steps(), steps -> new String[worldSize]);
    all[event.rank()] = event.digest().weightsSha256();
    if (Arrays.asList(all).contains(null)) {
      return;
    }
    digests.remove(event.steps());
    if (Arrays.stream(all).distinct().count() > 1) {
      throw new TooManyFailuresException(cause(event.steps(), all, hosts), null);
    }
  }

  private TooManyFailuresException.FirstCause cause(
      long steps, String[] all, IntFunction<String> hosts) {
    Map<String, StringJoiner> ranks = new LinkedHashMap<>();
    Map<String, Integer> counts = new HashMap<>();
    for (int rank = 0; rank < worldSize; rank++) {
      ranks.computeIfAbsent(all[rank], digest -> new StringJoiner(", ")).add("" + rank);
      int unused = counts.merge(all[rank], 1, Integer::sum);
    }
    StringJoiner what = new StringJoiner("; ");
    ranks.forEach(
        (digest, who) -> what.add("%s: %s…".formatted(who, digest.substring(0, SHOWN_DIGITS))));
    int outlier = outlier(all, counts);
    return new TooManyFailuresException.FirstCause(
        attempt,
        outlier,
        worldSize,
        outlier < 0 ? "unknown" : hosts.apply(outlier),
        steps - 1,
        "replicas have drifted apart (train.drift-check): SHA-256 of the weights by rank " + what);
  }

  /** The one rank that all others disagree with, −1 if there is no such one. */
  private int outlier(String[] all, Map<String, Integer> counts) {
    if (worldSize < 3 || counts.size() != 2 || !counts.containsValue(1)) {
      return -1;
    }
    for (int rank = 0; rank < worldSize; rank++) {
      if (counts.get(all[rank]) == 1) {
        return rank;
      }
    }
    return -1;
  }
}
