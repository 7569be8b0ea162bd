package org.backdraft.comm.algorithm;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.transport.Transport;
import org.backdraft.tensor.Checks;

/**
 * The ways to sum over a gang, by the names that users give them. All but {@link #RING} give the
 * same bits.
 */
public enum AllReduceAlgorithm {
  /** {@link ExactAlgorithm#HALVING_DOUBLING}. */
  HALVING_DOUBLING("halving-doubling", ExactAlgorithm.HALVING_DOUBLING),
  /** {@link ExactAlgorithm#HALVING_RING}. */
  HALVING_RING("halving-ring", ExactAlgorithm.HALVING_RING),
  /** {@link ExactAlgorithm#DIRECT}. */
  DIRECT("direct", ExactAlgorithm.DIRECT),
  /** {@link ExactAlgorithm#DIRECT_RING}. */
  DIRECT_RING("direct-ring", ExactAlgorithm.DIRECT_RING),
  /** {@link HierarchicalAllReduce}. */
  HIERARCHICAL("hierarchical", null),
  /** {@link RingAllReduce}: the bits depend on the number of ranks. */
  RING("ring", null);

  private final String word;
  private final ExactAlgorithm flat; // null where it is none of those

  AllReduceAlgorithm(String word, ExactAlgorithm flat) {
    this.word = word;
    this.flat = flat;
  }

  /** As users write it: {@code halving-doubling}. */
  public String word() {
    return word;
  }

  /** The algorithm of that name. */
  public static Optional<AllReduceAlgorithm> named(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }

  /** What is used where nobody has measured. */
  public static AllReduceAlgorithm defaultFor(int worldSize) {
    return HALVING_DOUBLING.reasonAgainst(worldSize).isEmpty() ? HALVING_DOUBLING : DIRECT;
  }

  /** Whether the bits of a sum are those of one worker, whatever the number of ranks. */
  public boolean isExact() {
    return this != RING;
  }

  /** Why that many ranks cannot use it, wherever they are; empty where they can. */
  public Optional<String> reasonAgainst(int worldSize) {
    return flat == null || flat.fits(worldSize)
        ? Optional.empty()
        : Optional.of("The number of workers must be a power of two: there are " + worldSize + ".");
  }

  /**
   * Why ranks at these places cannot use it; empty where they can.
   *
   * @param hosts the host of each rank, by any name that is equal for ranks that share one
   */
  public Optional<String> reasonAgainst(List<String> hosts) {
    return this == HIERARCHICAL ? HostGroups.reasonAgainst(hosts) : reasonAgainst(hosts.size());
  }

  /**
   * The collectives of a rank.
   *
   * @param transport connects all ranks
   * @param adder adds elements; must be plain IEEE addition
   * @param borders where what ranks own may begin and end; the same on all ranks
   * @param hosts the host of each rank; the same on all ranks
   * @throws IllegalArgumentException with {@link #reasonAgainst(List)} if there is one
   */
  public Collectives create(
      Transport transport, Adder adder, BlockBorders borders, List<String> hosts) {
    Optional<String> reason = reasonAgainst(hosts);
    Checks.argument(reason.isEmpty(), "%s cannot be used. %s", word, reason.orElse(""));
    if (flat != null) {
      return new ExactAllReduce(transport, adder, borders, flat);
    }
    return this == RING
        ? new RingAllReduce(transport, adder, borders)
        : new HierarchicalAllReduce(transport, adder, borders, HostGroups.of(hosts));
  }
}
