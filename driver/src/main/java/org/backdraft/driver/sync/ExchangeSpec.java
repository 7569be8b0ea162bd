package org.backdraft.driver.sync;

import java.io.Serializable;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;

/** How a gang is to find the algorithm that it sums with; the same value for all ranks. */
public sealed interface ExchangeSpec extends Serializable {
  /** The fastest of the exact ones, by a measurement before the first step. */
  record Measured() implements ExchangeSpec {}

  /** The usual one for the number of ranks, without a measurement. */
  record Usual() implements ExchangeSpec {}

  /**
   * This one.
   *
   * @param reason why, for people: the configuration that says so
   */
  record Given(AllReduceAlgorithm algorithm, String reason) implements ExchangeSpec {}
}
