package org.backdraft.benchmarks;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What the calls of a bench have done together, counted beside their time: JMH then tells the time
 * of one floating-point operation and of one byte, and {@link Benchmarks} turns both into rates.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
  /** Floating-point operations, a multiply-add counted as two. */
  public long flop;

  /** Bytes read and written by the algorithm; what caches fetch besides is not counted. */
  public long bytes;
}
