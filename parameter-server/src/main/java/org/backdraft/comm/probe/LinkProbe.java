package org.backdraft.comm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;

/**
 * Measures what every rank gets through to its peers: at a distance d each rank sends to rank + d
 * while it receives from rank − d, so all links of that distance are busy at once, as they are in a
 * collective. All distances in a small gang; 1, 2, 4 … in a large one.
 */
final class LinkProbe {
  private static final int SMALL_GANG = 9;
  private static final int MESSAGES = 32;
  private static final int FIRST_ELEMENTS = 1 << 13;
  private static final int MOST_ELEMENTS = 1 << 19;

  /** A message that takes this long is long enough to tell bytes from latency. */
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Transport transport;
  private final Steering steering;
  private final int rank;
  private final int worldSize;
  private final float[] nothing = {};
  private float[] sent = new float[FIRST_ELEMENTS];
  private float[] received = new float[FIRST_ELEMENTS];

  LinkProbe(Transport transport, Steering steering) {
    this.transport = transport;
    this.steering = steering;
    rank = transport.context().rank();
    worldSize = transport.context().worldSize();
  }

  /**
   * Measures until {@code limitNanos} have passed since {@code startNanos} at rank 0, one distance
   * at least.
   *
   * @return the links of all ranks
   */
  List<ProbeResult.LinkSpeed> run(long startNanos, long limitNanos) throws CollectiveException {
    List<Integer> distances = new ArrayList<>();
    List<double[]> mine = new ArrayList<>();
    int distance = 1;
    do {
      distances.add(distance);
      mine.add(measure(distance));
      distance = worldSize <= SMALL_GANG ? distance + 1 : 2 * distance;
    } while (distance < worldSize
        && steering.rankZeroSays(System.nanoTime() - startNanos < limitNanos));
    return shared(distances, mine);
  }

  /** Bytes a second and seconds of an empty message, to the peer at that distance. */
  private double[] measure(int distance) throws CollectiveException {
    steering.barrier();
    exchange(distance, nothing, nothing);
    long[] messages = new long[MESSAGES];
    for (int i = 0; i < MESSAGES; i++) {
      long startNanos = System.nanoTime();
      exchange(distance, nothing, nothing);
      messages[i] = System.nanoTime() - startNanos;
    }
    Arrays.sort(messages);
    // The median: a rank that the scheduler forgot for some milliseconds is no latency.
    double messageNanos = messages[MESSAGES / 2];
    double nanos;
    int elements = FIRST_ELEMENTS;
    while (true) {
      if (sent.length != elements) {
        sent = new float[elements];
        received = new float[elements];
      }
      nanos = bulk(distance);
      boolean more = nanos < LONG_NANOS && elements < MOST_ELEMENTS;
      if (!steering.rankZeroSays(more)) {
        break;
      }
      elements *= 4;
    }
    nanos = Math.min(nanos, bulk(distance));
    double bytes = (double) elements * Float.BYTES;
    // On a busy machine an empty message may take longer than a full one.
    double transferNanos = Math.max(nanos - messageNanos, nanos / 2);
    return new double[] {bytes / transferNanos * 1e9, messageNanos * 1e-9};
  }

  private double bulk(int distance) throws CollectiveException {
    steering.barrier();
    long startNanos = System.nanoTime();
    exchange(distance, sent, received);
    return (double) (System.nanoTime() - startNanos);
  }

  private void exchange(int distance, float[] source, float[] target) throws CollectiveException {
    transport.send((rank + distance) % worldSize, 0, source, 0, source.length);
    transport.receive((rank - distance + worldSize) % worldSize, 0, target, 0, target.length);
    transport.await("probe of the links");
  }

  private List<ProbeResult.LinkSpeed> shared(List<Integer> distances, List<double[]> mine)
      throws CollectiveException {
    int row = 2 * distances.size();
    float[] table = new float[worldSize * row];
    for (int i = 0; i < distances.size(); i++) {
      table[rank * row + 2 * i] = (float) mine.get(i)[0];
      table[rank * row + 2 * i + 1] = (float) mine.get(i)[1];
    }
    steering.share(table);
    List<ProbeResult.LinkSpeed> links = new ArrayList<>();
    for (int from = 0; from < worldSize; from++) {
      for (int i = 0; i < distances.size(); i++) {
        int to = (from + distances.get(i)) % worldSize;
        int at = from * row + 2 * i;
        links.add(new ProbeResult.LinkSpeed(from, to, table[at], table[at + 1]));
      }
    }
    return links;
  }
}
