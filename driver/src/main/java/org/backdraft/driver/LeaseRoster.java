package org.backdraft.driver;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.failure.TooManyFailuresException.FirstCause;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who works at the moment, who was lost and why. Used by one thread. */
final class LeaseRoster {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseRoster.class);

  private final int attempt;
  private final int worldSize;
  private final TreeMap<Integer, Seat> seats = new TreeMap<>(); // by rank
  private final List<FirstCause> causes = new ArrayList<>();
  private final List<FirstCause> consequences = new ArrayList<>();
  private int restarts;
  private long emptyNanos;

  /**
   * A start of a worker that is there.
   *
   * @param rank of it
   * @param start which one of that rank, from 0
   */
  record Seat(int rank, int start, Hello hello) {}

  /**
   * @param nowNanos of {@link System#nanoTime}, here and in what follows
   */
  LeaseRoster(int attempt, int worldSize, long nowNanos) {
    this.attempt = attempt;
    this.worldSize = worldSize;
    emptyNanos = nowNanos;
  }

  /** Takes in a start. */
  Seat join(int rank, int start, Hello hello) {
    Seat seat = new Seat(rank, start, hello);
    seats.put(rank, seat);
    restarts += start > 0 ? 1 : 0;
    LOG.info(
        "Worker {} of {} (start {}) works on host {}, executor {}, pid {}: {}",
        rank,
        worldSize,
        start,
        hello.host(),
        hello.executorId(),
        hello.pid(),
        hello.kernels());
    return seat;
  }

  /** The start, if it is the one of its rank that is there. */
  Optional<Seat> seat(int rank, int start) {
    return Optional.ofNullable(seats.get(rank)).filter(seat -> seat.start() == start);
  }

  /** The start of a rank that is there. */
  Optional<Seat> seat(int rank) {
    return Optional.ofNullable(seats.get(rank));
  }

  /** All that are there, by rank. */
  Collection<Seat> seats() {
    return List.copyOf(seats.values());
  }

  /**
   * Notes that a start is gone.
   *
   * @param step that it was in, from 0
   * @param what a clause: {@code its connection broke}
   * @param isCause false where it only followed something else
   */
  void lose(Seat seat, long step, String what, boolean isCause, long nowNanos) {
    seats.remove(seat.rank());
    if (seats.isEmpty()) {
      emptyNanos = nowNanos;
    }
    (isCause ? causes : consequences).add(cause(seat, step, what));
  }

  /** How many nanoseconds nobody has been there, 0 while somebody is. */
  long emptyForNanos(long nowNanos) {
    return seats.isEmpty() ? nowNanos - emptyNanos : 0;
  }

  /** Starts of workers that were lost before. */
  int restarts() {
    return restarts;
  }

  FirstCause cause(Seat seat, long step, String what) {
    return new FirstCause(
        attempt,
        seat.rank(),
        worldSize,
        seat.hello().host(),
        step,
        "start " + seat.start() + ": " + what);
  }

  /**
   * Why there is nobody to go on with: the first cause that is known of the rank that was lost
   * last.
   *
   * @param end what made it final, a clause
   */
  FirstCause firstCause(String end) {
    List<FirstCause> known = causes.isEmpty() ? consequences : causes;
    if (known.isEmpty()) {
      return new FirstCause(attempt, -1, worldSize, "unknown", 0, end);
    }
    int rank = known.get(known.size() - 1).rank();
    List<FirstCause> ofRank = known.stream().filter(each -> each.rank() == rank).toList();
    FirstCause first = ofRank.get(0);
    String what =
        "%s (then %d more of this rank, %d of all; in the end %s)"
            .formatted(first.what(), ofRank.size() - 1, known.size() - 1, end);
    return new FirstCause(attempt, rank, worldSize, first.host(), first.step(), what);
  }
}
