package org.backdraft.comm.transport.local;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Transport;
import org.backdraft.tensor.Checks;

/**
 * Where workers of one JVM find each other's {@link LocalGang} when they arrive as separate tasks
 * that share nothing but the class loader. With {@link LocalDoors} the one mutable static of the
 * project, keyed by run and attempt; an entry goes when the last rank that came has closed its
 * transport.
 */
public final class MeetingPlace {
  private record Key(long runId, int attempt) {}

  private static final Map<Key, LocalGang> GANGS = new HashMap<>();

  private MeetingPlace() {}

  /**
   * Joins the gang of this run and attempt, which the first rank to come creates.
   *
   * @param deadline how long a rank waits for a peer that does nothing, including one that has not
   *     come; the first rank's counts
   * @throws IllegalArgumentException if the world size is not that of the others
   * @throws IllegalStateException if the rank is already here
   */
  public static Transport join(long runId, RankContext context, Duration deadline) {
    Key key = new Key(runId, context.attempt());
    synchronized (GANGS) {
      LocalGang gang = GANGS.get(key);
      if (gang == null) {
        gang =
            new LocalGang(
                context.worldSize(), context.attempt(), deadline, empty -> leave(key, empty));
      }
      Checks.argument(
          gang.worldSize() == context.worldSize(),
          "All ranks of a gang must have one world size: rank %d came with %d, others with %d.",
          context.rank(),
          context.worldSize(),
          gang.worldSize());
      Transport transport = gang.join(context.rank());
      GANGS.put(key, gang);
      return transport;
    }
  }

  /** The number of gangs that have ranks in this JVM. */
  static int gangs() {
    synchronized (GANGS) {
      return GANGS.size();
    }
  }

  private static void leave(Key key, LocalGang gang) {
    synchronized (GANGS) {
      GANGS.remove(key, gang);
    }
  }
}
