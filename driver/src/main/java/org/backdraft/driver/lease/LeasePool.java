package org.backdraft.driver.lease;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.backdraft.driver.control.Lease;

/**
 * What of a phase of work is free, and what each worker has. A worker computes the first of its
 * leases; the others lie ready for it. Each lease is completed once, by whoever has it then; what a
 * worker does not complete returns, before all that is free.
 *
 * <p>Times are {@link System#nanoTime} of the caller. Used by one thread.
 */
public final class LeasePool {
  private final Limits limits;
  private final TreeMap<Long, Lease> free = new TreeMap<>(); // by id
  private final Map<Integer, ArrayDeque<Held>> held = new HashMap<>(); // by rank
  private long returned;

  /**
   * How long a worker may take.
   *
   * @param computing from the moment it has the parameters until the lease is done
   * @param waiting before that: for data, for the parameters, for slower workers
   */
  public record Limits(Duration computing, Duration waiting) {}

  /**
   * A lease whose time is over.
   *
   * @param begun whether it was being computed
   */
  public record Overdue(int rank, Lease lease, boolean begun) {}

  private static final class Held {
    private final Lease lease;
    private long sinceNanos;
    private boolean begun;

    private Held(Lease lease, long sinceNanos) {
      this.lease = lease;
      this.sinceNanos = sinceNanos;
    }
  }

  public LeasePool(Limits limits) {
    this.limits = limits;
  }

  /** Puts work in. */
  public void add(Collection<Lease> leases) {
    for (Lease each : leases) {
      free.put(each.id(), each);
    }
  }

  /**
   * Takes out what is free of a step and of those after it.
   *
   * @return that, in order
   */
  public List<Lease> withdraw(long step) {
    List<Lease> withdrawn = free.values().stream().filter(each -> each.step() >= step).toList();
    withdrawn.forEach(each -> free.remove(each.id()));
    return withdrawn;
  }

  /** Gives the next lease to a worker; empty where none is free. */
  public Optional<Lease> take(int rank, long nowNanos) {
    Map.Entry<Long, Lease> first = free.pollFirstEntry();
    if (first == null) {
      return Optional.empty();
    }
    of(rank).add(new Held(first.getValue(), nowNanos));
    return Optional.of(first.getValue());
  }

  /** Notes that a worker computes; nothing happens where the lease is not its first. */
  public void begin(int rank, long lease, long nowNanos) {
    Held first = of(rank).peek();
    if (first != null && first.lease.id() == lease) {
      first.begun = true;
      first.sinceNanos = nowNanos;
    }
  }

  /** Completes a worker's lease; empty, and nothing happens, where the worker does not have it. */
  public Optional<Lease> complete(int rank, long lease, long nowNanos) {
    ArrayDeque<Held> own = of(rank);
    for (Iterator<Held> each = own.iterator(); each.hasNext(); ) {
      Held candidate = each.next();
      if (candidate.lease.id() == lease) {
        each.remove();
        if (!own.isEmpty()) {
          own.peek().sinceNanos = nowNanos;
        }
        return Optional.of(candidate.lease);
      }
    }
    return Optional.empty();
  }

  /** Takes back all that a worker has; what that is, in order. */
  public List<Lease> release(int rank) {
    ArrayDeque<Held> own = held.remove(rank);
    if (own == null) {
      return List.of();
    }
    List<Lease> leases = new ArrayList<>();
    for (Held each : own) {
      leases.add(each.lease);
      returned += each.begun ? 1 : 0;
    }
    add(leases);
    return Collections.unmodifiableList(leases);
  }

  /** A lease whose time is over, empty where there is none. */
  public Optional<Overdue> overdue(long nowNanos) {
    for (Map.Entry<Integer, ArrayDeque<Held>> each : held.entrySet()) {
      Held first = each.getValue().peek();
      if (first != null) {
        Duration limit = first.begun ? limits.computing() : limits.waiting();
        if (nowNanos - first.sinceNanos > limit.toNanos()) {
          return Optional.of(new Overdue(each.getKey(), first.lease, first.begun));
        }
      }
    }
    return Optional.empty();
  }

  /** Starts the time limits of all leases anew, as of ones that are not computed yet. */
  public void renew(long nowNanos) {
    for (ArrayDeque<Held> own : held.values()) {
      for (Held each : own) {
        each.begun = false;
        each.sinceNanos = nowNanos;
      }
    }
  }

  /** What a worker computes, or is to compute next; empty where it has nothing. */
  public Optional<Lease> first(int rank) {
    return Optional.ofNullable(of(rank).peek()).map(each -> each.lease);
  }

  /** How many leases a worker has. */
  public int held(int rank) {
    return of(rank).size();
  }

  /** How many leases nobody has. */
  public int free() {
    return free.size();
  }

  /** Whether all that was put in is completed. */
  public boolean isDone() {
    return free.isEmpty() && held.values().stream().allMatch(ArrayDeque::isEmpty);
  }

  /** How many leases came back although they were being computed: they are computed again. */
  public long redone() {
    return returned;
  }

  private ArrayDeque<Held> of(int rank) {
    return held.computeIfAbsent(rank, unused -> new ArrayDeque<>());
  }
}
