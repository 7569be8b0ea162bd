package org.backdraft.driver.lease;

import java.util.Collection;
import java.util.TreeMap;
import org.backdraft.driver.control.Lease;
import org.backdraft.driver.control.LeaseSums;
import org.backdraft.driver.control.StepRecords;

/**
 * Adds up the leases of each global batch, and gives out the batches in order of their steps,
 * though they are completed in any. Times are {@link System#nanoTime} of the caller. Used by one
 * thread.
 */
public final class BatchTally {
  private final TreeMap<Long, Sums> open = new TreeMap<>(); // by step
  private long lastNanos;

  /** The learning rate of a step. */
  public interface Rate {
    float of(long step);
  }

  private static final class Sums {
    private int epoch;
    private int missing; // leases
    private double loss;
    private double denominator;
    private double correct;
    private double labels;
    private int examples;
  }

  /** Expects all of these leases, from now on. */
  public void expect(Collection<Lease> leases, long nowNanos) {
    for (Lease each : leases) {
      Sums sums = open.computeIfAbsent(each.step(), unused -> new Sums());
      sums.epoch = each.epoch();
      sums.missing++;
    }
    lastNanos = nowNanos;
  }

  /** Nobody worked until now: the time of that is no batch's. */
  public void rest(long nowNanos) {
    lastNanos = nowNanos;
  }

  /**
   * Adds a lease.
   *
   * @return the batches that are complete now and before which none is missing; the time since the
   *     last ones is divided among them
   */
  public StepRecords add(Lease lease, LeaseSums pushed, Rate rate, long nowNanos) {
    Sums sums = open.get(lease.step());
    sums.missing--;
    sums.loss += pushed.lossSum();
    sums.denominator += pushed.denominator();
    sums.correct += pushed.correct();
    sums.labels += pushed.labels();
    sums.examples += pushed.examples();
    int complete = 0;
    for (Sums each : open.values()) {
      if (each.missing > 0) {
        break;
      }
      complete++;
    }
    StepRecords records = new StepRecords();
    for (int i = 0; i < complete; i++) {
      long step = open.firstKey();
      Sums done = open.pollFirstEntry().getValue();
      records.add(
          done.epoch,
          step,
          done.loss,
          done.denominator,
          done.correct,
          done.labels,
          done.examples,
          rate.of(step),
          (nowNanos - lastNanos) / complete);
    }
    if (complete > 0) {
      lastNanos = nowNanos;
    }
    return records;
  }
}
