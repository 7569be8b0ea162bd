package org.backdraft.comm.probe;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * A collective measurement before the first step: the adder, the links, and every exact algorithm
 * that fits the gang, on a vector as long as the ones that training will sum and on a short one.
 * Rank 0 chooses the fastest and tells all, so that all ranks use the same.
 *
 * <p>Takes about as long as it is allowed; all ranks enter together, and each wait has the
 * transport's deadline. On a slow network the long vector is shortened so that each algorithm can
 * be tried three times. Used by the thread that uses the transport.
 */
public final class GangProbe {
  /** A rank brings no more floats than this to a vector that is measured: 4 MiB. */
  private static final int MOST_FLOATS = 1 << 20;

  private static final int ADDED = 1 << 14;
  private static final long LAP_NANOS = Duration.ofMillis(5).toNanos();
  private static final int LAPS = 8;

  /** Rounds that must fit the limit; see {@link AlgorithmProbe}. */
  private static final int ROUNDS = 3;

  /**
   * What training will exchange.
   *
   * @param leaves how batches are cut
   * @param elements of the longest vector that is summed at once
   * @param totalElements that are summed in a step
   */
  public record Load(Leaves leaves, int elements, long totalElements) {
    public Load {
      Checks.argument(
          elements >= 1 && elements <= totalElements,
          "A load must have 1 <= elements <= totalElements: got %d and %d.",
          elements,
          totalElements);
    }
  }

  private final Transport transport;
  private final Adder adder;
  private final BlockBorders borders;
  private final List<String> hosts;
  private final Load load;

  /**
   * @param hosts the host of each rank; the same on all ranks, as are {@code borders} and {@code
   *     load}
   * @throws IllegalArgumentException if there are fewer than two ranks
   */
  public GangProbe(
      Transport transport, Adder adder, BlockBorders borders, List<String> hosts, Load load) {
    Checks.argument(hosts.size() >= 2, "A probe needs two ranks: got %d.", hosts.size());
    this.transport = transport;
    this.adder = adder;
    this.borders = borders;
    this.hosts = List.copyOf(hosts);
    this.load = load;
  }

  /**
   * Measures and chooses.
   *
   * @param limit that the probe takes, about, where the network lets it
   */
  public ProbeResult run(Duration limit) throws CollectiveException {
    int rank = transport.context().rank();
    int worldSize = transport.context().worldSize();
    List<AllReduceAlgorithm> algorithms = candidates();
    List<Collectives> collectives = new ArrayList<>();
    for (AllReduceAlgorithm each : algorithms) {
      collectives.add(each.create(transport, adder, borders, hosts));
    }
    Steering steering = new Steering(collectives.get(0), load.leaves(), rank, worldSize);
    steering.barrier();
    long startNanos = System.nanoTime();
    List<ProbeResult.LinkSpeed> links =
        new LinkProbe(transport, steering).run(startNanos, limit.toNanos() / 4);
    long leftNanos = limit.toNanos() - (System.nanoTime() - startNanos);
    int elements = (int) steering.fromRankZero(affordable(links, leftNanos, algorithms.size()));
    List<ProbeResult.AlgorithmTime> timings =
        new AlgorithmProbe(steering, load.leaves(), algorithms, collectives)
            .run(elements, startNanos, limit.toNanos());
    // The algorithms have added a lot by now: the loop is compiled.
    List<Double> adders = adders(steering, rank, worldSize);
    AlgorithmChoice choice =
        new AlgorithmChoice(
            timings, AllReduceAlgorithm.defaultFor(worldSize), elements, load.totalElements());
    int index = (int) steering.fromRankZero(algorithms.indexOf(choice.chosen()));
    AllReduceAlgorithm chosen = algorithms.get(index);
    return new ProbeResult(
        chosen,
        choice.reason(chosen),
        elements,
        AlgorithmProbe.SHORT_ELEMENTS,
        timings,
        adders,
        links,
        1e-9 * (System.nanoTime() - startNanos));
  }

  /** The arrays that the rank brings that brings most. */
  private int mostNodes() {
    int most = 1;
    for (int rank = 0; rank < hosts.size(); rank++) {
      List<LeafRange> nodes = load.leaves().rangeOf(rank, hosts.size()).subtrees();
      most = Math.max(most, nodes.size());
    }
    return most;
  }

  private List<AllReduceAlgorithm> candidates() {
    List<AllReduceAlgorithm> candidates = new ArrayList<>();
    for (AllReduceAlgorithm each : AllReduceAlgorithm.values()) {
      if (each.isExact() && each.reasonAgainst(hosts).isEmpty()) {
        candidates.add(each);
      }
    }
    return candidates;
  }

  private List<Double> adders(Steering steering, int rank, int worldSize)
      throws CollectiveException {
    float[] table = new float[worldSize];
    table[rank] = (float) adderBytesPerSecond();
    steering.share(table);
    List<Double> all = new ArrayList<>();
    for (float each : table) {
      all.add((double) each);
    }
    return all;
  }

  /** Of the fastest lap: others may have been disturbed. */
  private double adderBytesPerSecond() {
    float[] target = new float[ADDED];
    float[] source = new float[ADDED];
    double most = 0;
    for (int lap = 0; lap < LAPS; lap++) {
      long startNanos = System.nanoTime();
      long nanos;
      long additions = 0;
      do {
        adder.add(target, 0, source, 0, ADDED);
        additions++;
        nanos = System.nanoTime() - startNanos;
      } while (nanos < LAP_NANOS);
      most = Math.max(most, 1e9 * additions * ADDED * Float.BYTES / nanos);
    }
    return most;
  }

  /**
   * As many elements as the slowest link can carry in the rounds, twice over for the ways that send
   * more, and as the memory for it lasts; few enough for a float to hold the number.
   */
  private int affordable(List<ProbeResult.LinkSpeed> links, long leftNanos, int algorithms) {
    double least = Double.POSITIVE_INFINITY;
    for (ProbeResult.LinkSpeed each : links) {
      least = Math.min(least, each.bytesPerSecond());
    }
    double secondsEach = 1e-9 * Math.max(0, leftNanos) / (ROUNDS * algorithms);
    double elements = least * secondsEach / (4 * Float.BYTES);
    int most = Math.min(load.elements(), MOST_FLOATS / mostNodes());
    return (int) Math.max(Math.min(most, AlgorithmProbe.SHORT_ELEMENTS), Math.min(most, elements));
  }
}
