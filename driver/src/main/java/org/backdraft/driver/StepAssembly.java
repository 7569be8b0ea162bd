package org.backdraft.driver;

import java.util.Arrays;
import java.util.function.Consumer;
import org.backdraft.driver.control.TimeRecords;
import org.backdraft.driver.control.TimeRecords.Part;

/**
 * Puts what rank 0 tells of the steps together with the times that all ranks tell of them, and
 * hands the steps on in order, each when it is complete. A rank's word may be late: then a step
 * waits, until more than a bounded number do; the oldest goes on without what is missing. Where
 * ranks tell no times at all (workers with leases), nothing waits and all times are unknown.
 *
 * <p>Used by one thread.
 */
final class StepAssembly {
  /** Steps that may wait, times ranks; with those that are told ahead 40 MiB of times at most. */
  private static final int MOST_ENTRIES = 1 << 19;

  private static final int FEWEST_STEPS = 16;
  private static final int MOST_STEPS = 4096;

  private final int workers;
  private final boolean isTimed;
  private final int capacity;
  private final Consumer<TrainingListener.Step> done;
  private final Pending[] ring; // by step modulo its length; null where nothing is known
  private final RankTimes totals;
  private long next; // the step to hand on
  private long end; // one past the last step of which something is known
  private boolean hasThrown; // who is told of steps

  /** A step of which not all is known. */
  private static final class Pending {
    private final RankTimes times;
    private TrainingListener.Step told;
    private int missing;

    private Pending(int workers, int missing) {
      times = RankTimes.unknown(workers);
      this.missing = missing;
    }
  }

  /**
   * @param isTimed whether ranks tell their times
   * @param done told of each step that rank 0 has told of, in their order; of no more once it has
   *     thrown
   */
  StepAssembly(int workers, boolean isTimed, Consumer<TrainingListener.Step> done) {
    this.workers = workers;
    this.isTimed = isTimed;
    this.done = done;
    capacity = Math.max(FEWEST_STEPS, Math.min(MOST_STEPS, MOST_ENTRIES / workers));
    ring = new Pending[2 * capacity];
    totals = isTimed ? RankTimes.zero(workers) : RankTimes.unknown(workers);
  }

  /** What rank 0 says of a step; its times are replaced. */
  void told(TrainingListener.Step step) {
    Pending entry = at(step.step());
    if (entry == null) {
      throw new IllegalStateException(
          "Rank 0 must tell of steps in order: got step %d after %d.".formatted(step.step(), next));
    }
    entry.told = step;
    handOn();
  }

  /** What a rank says of its time. */
  void timed(int rank, TimeRecords records) {
    for (int i = 0; i < records.count(); i++) {
      float compute = records.nanos(i, Part.COMPUTE);
      float communication = records.nanos(i, Part.COMMUNICATION);
      float waiting = records.nanos(i, Part.WAITING);
      float data = records.nanos(i, Part.DATA);
      totals.add(rank, compute, communication, waiting, data);
      totals.addPushed(rank, records.pushedBytes(i));
      Pending entry = at(records.step(i));
      if (entry != null) {
        entry.times.set(rank, compute, communication, waiting, data);
        entry.times.setPushed(rank, records.pushedBytes(i));
        entry.missing--;
      }
    }
    handOn();
  }

  /** The entry of a step; null where the step has been handed on, or is too far ahead. */
  private Pending at(long step) {
    if (step < next || step - next >= ring.length) {
      return null;
    }
    int slot = (int) (step % ring.length);
    if (ring[slot] == null) {
      ring[slot] = new Pending(workers, isTimed ? workers : 0);
    }
    end = Math.max(end, step + 1);
    return ring[slot];
  }

  private void handOn() {
    Pending first = ring[(int) (next % ring.length)];
    while (first != null && first.told != null && (first.missing <= 0 || end - next > capacity)) {
      handOn(first);
      first = ring[(int) (next % ring.length)];
    }
  }

  private void handOn(Pending entry) {
    ring[(int) (next % ring.length)] = null;
    next++;
    hasThrown = true;
    done.accept(entry.told.withTimes(entry.times));
    hasThrown = false;
  }

  /** Hands on all that rank 0 has told of; what is missing does not come any more. */
  void flush() {
    Pending first = ring[(int) (next % ring.length)];
    while (!hasThrown && first != null && first.told != null) {
      handOn(first);
      first = ring[(int) (next % ring.length)];
    }
  }

  /**
   * Forgets what is not handed on: steps are told again from this one on. The totals keep what was
   * done in vain.
   */
  void restartAt(long step) {
    Arrays.fill(ring, null);
    next = step;
    end = step;
  }

  /** The sums over all steps, also of words that came too late; unknown where none are told. */
  RankTimes totals() {
    return totals;
  }
}
