package org.backdraft.driver.lease;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.backdraft.driver.control.Lease;

/**
 * The training of an epoch, which goes into a pool up to a <em>border</em>, a step before which all
 * leases are to be done before one behind it is begun: what the shards hold then is of whole
 * batches. Steps are counted in the run. Used by one thread.
 */
public final class LeasedEpoch {
  private final LeasePool pool;
  private final ArrayDeque<Lease> later; // not in the pool
  private final long end;
  private final long every;
  private long border;
  private long begun; // one past the last step that a worker was given a lease of

  /**
   * Nothing is in the pool yet.
   *
   * @param leases in order
   * @param begin the first step
   * @param end one past the last
   * @param every borders lie at multiples of it, 0 for none but the end
   */
  public LeasedEpoch(LeasePool pool, Collection<Lease> leases, long begin, long end, long every) {
    this.pool = pool;
    this.end = end;
    this.every = every;
    later = new ArrayDeque<>(leases);
    border = begin;
    begun = begin;
  }

  /** Lets workers have what comes before the next border; all before the last one is done. */
  public void open() {
    border = every > 0 ? Math.min(end, (border / every + 1) * every) : end;
    List<Lease> open = new ArrayList<>();
    while (!later.isEmpty() && later.peek().step() < border) {
      open.add(later.remove());
    }
    pool.add(open);
  }

  /** A worker was given a lease. */
  public void begin(Lease lease) {
    begun = Math.max(begun, lease.step() + 1);
  }

  /** Makes the first step that nobody has begun the border. */
  public void hold() {
    List<Lease> back = pool.withdraw(begun);
    for (int i = back.size() - 1; i >= 0; i--) {
      later.addFirst(back.get(i));
    }
    border = begun;
  }

  /** The step before which all is done when the pool is. */
  public long border() {
    return border;
  }

  /** Whether that is the end of the epoch. */
  public boolean isLast() {
    return border == end;
  }
}
