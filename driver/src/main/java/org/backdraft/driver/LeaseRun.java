package org.backdraft.driver;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.backdraft.data.DataException;
import org.backdraft.driver.LeaseRoster.Seat;
import org.backdraft.driver.control.FailureReport;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.control.LeaseControl;
import org.backdraft.driver.control.LeaseEvent;
import org.backdraft.driver.control.ShardTable;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.worker.WorkerTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training by workers that take leases, watched from the driver: hands out work, takes back what a
 * lost worker had, lets its next start in, and ends when all is done or nobody is left to do it.
 *
 * <p>Used by one thread.
 */
final class LeaseRun {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseRun.class);
  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration FAREWELL = Duration.ofSeconds(20);
  private static final Duration CANCELLATION = Duration.ofSeconds(5);

  /** Leases of a worker: one that it computes, one that is ready, one that is being read. */
  private static final int MOST_HELD = 3;

  /** Opens the shards, once it is known how workers are talked to. */
  interface ShardOpening {
    LeaseShards open(LeaseControl control) throws IOException;
  }

  /**
   * What a run has seen.
   *
   * @param restarts of workers
   * @param lostUpdates as {@link LeaseShards#lostUpdates}, and so is the next
   */
  record Outcome(int restarts, long lostUpdates, long widestLead) {}

  private final GangAddress address;
  private final LeaseControl control;
  private final Cluster.Gang gang;
  private final LeaseShards shards;
  private final LeaseWork work;
  private final LeaseRoster roster;
  private int toldEpoch = -1; // of the table that workers were told

  private LeaseRun(LeaseControl control, Cluster.Gang gang, LeaseShards shards, LeaseWork work) {
    this.control = control;
    this.gang = gang;
    this.shards = shards;
    this.work = work;
    address = control.address();
    roster =
        new LeaseRoster(address.credentials().attempt(), address.worldSize(), System.nanoTime());
  }

  /**
   * Trains to the end.
   *
   * @param result takes what the shards hold then, where the run comes to its end
   * @throws Exception the first cause of a failure
   */
  static Outcome run(
      Cluster cluster,
      WorkerTask.Leased task,
      ShardOpening opening,
      LeaseWork work,
      TableState result)
      throws Exception {
    String bindHost = cluster.placement().bindHost();
    try (LeaseControl control = LeaseControl.open(bindHost, task.gang());
        LeaseShards shards = opening.open(control)) {
      Cluster.Gang gang = cluster.startEach(task.at(control.address()));
      boolean ended = false;
      try {
        LeaseRun run = new LeaseRun(control, gang, shards, work);
        run.watch(result);
        ended = run.sayGoodbye();
        return new Outcome(run.roster.restarts(), shards.lostUpdates(), shards.widestLead());
      } finally {
        if (!ended && !gang.await(Duration.ZERO)) {
          gang.cancel("Training by leases is over.");
          if (!gang.await(CANCELLATION)) {
            LOG.warn("Tasks of workers did not end within {} of their cancellation.", CANCELLATION);
          }
        }
      }
    }
  }

  private void watch(TableState result) throws Exception {
    work.start(System.nanoTime());
    while (!work.hasStopped()
        && (!work.isOver() || !shards.copyTo(result::take, work.completedInAll()))) {
      work.hear(System.nanoTime());
      LeaseEvent event = control.next(TICK);
      if (event != null) {
        handle(event);
      }
      loseTheSilent();
      loseTheLate();
      if (work.isCopying() && shards.copyTo(work::copy, work.completedInAll())) {
        work.copied(shards.lostUpdates(), System.nanoTime());
      }
      shards.tend(work.completedInAll(), System.nanoTime());
      if (shards.table().isPresent()) {
        tellOf(shards.table().get());
        handOut();
      }
      if (event == null) {
        requireSomebody();
      }
    }
  }

  /** Tells all where the shards are now, and gives them time to go there. */
  private void tellOf(ShardTable table) {
    if (table.epoch() != toldEpoch) {
      toldEpoch = table.epoch();
      work.renew(System.nanoTime());
      for (Seat seat : roster.seats()) {
        control.sendShards(seat.rank(), seat.start(), table);
      }
    }
  }

  private void handle(LeaseEvent event) throws Exception {
    long nowNanos = System.nanoTime();
    if (event instanceof LeaseEvent.Joined joined) {
      join(joined, nowNanos);
      return;
    }
    Optional<Seat> known = roster.seat(event.rank(), event.start());
    if (known.isEmpty()) {
      return; // it was given up before this was read
    }
    Seat seat = known.get();
    if (event instanceof LeaseEvent.Begun begun) {
      work.begin(seat.rank(), begun.lease(), nowNanos);
    } else if (event instanceof LeaseEvent.Done done) {
      shards.advance(seat, done.sums().clock());
      work.complete(seat.rank(), done.sums(), nowNanos);
    } else if (event instanceof LeaseEvent.Scored scored) {
      work.score(seat.rank(), scored.lease(), scored.scores(), nowNanos);
    } else if (event instanceof LeaseEvent.Told told) {
      shards.hear(seat, told.news());
    } else if (event instanceof LeaseEvent.Failed failed) {
      fail(seat, failed.report());
    } else if (event instanceof LeaseEvent.Lost lost) {
      lose(seat, lost.why());
    } else if (event instanceof LeaseEvent.Finished) {
      lose(seat, "it left before all was done");
    }
  }

  private void join(LeaseEvent.Joined joined, long nowNanos) {
    Optional<Seat> before = roster.seat(joined.rank());
    if (before.isPresent()) {
      lose(before.get(), "it was started again");
    }
    Seat seat = roster.join(joined.rank(), joined.start(), joined.hello());
    work.joined(joined.hello());
    shards.join(seat, nowNanos);
    if (shards.table().map(ShardTable::epoch).filter(epoch -> epoch == toldEpoch).isPresent()) {
      control.sendShards(seat.rank(), seat.start(), shards.table().get());
    }
  }

  /** What is wrong with data, configuration or numbers is so for every worker: it ends the run. */
  private void fail(Seat seat, FailureReport report) throws Exception {
    LOG.info(
        "Worker {} (start {}) failed ({}): {}",
        seat.rank(),
        seat.start(),
        report.kind(),
        report.message());
    switch (report.kind()) {
      case DIVERGED -> throw work.diverged(new GangEvent.Failed(seat.rank(), report));
      case DATA ->
          throw new DataException(report.message() + " (on host " + seat.hello().host() + ")");
      case CONFIGURATION -> throw new ConfigurationException(report.message());
      case PEER, STOPPED, OTHER -> {
        LOG.debug("Worker {} failed:\n{}", seat.rank(), report.trace());
        // Whoever is told to stop suffers from what another one did.
        lose(seat, report.message(), report.kind() != FailureReport.Kind.STOPPED);
      }
    }
  }

  private void lose(Seat seat, String what) {
    lose(seat, what, true);
  }

  private void lose(Seat seat, String sentence, boolean isCause) {
    String what = sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    long step = work.step(seat.rank()).orElse(control.step(seat.rank(), seat.start()));
    control.drop(seat.rank(), seat.start());
    shards.lose(seat, work.completedInAll(), System.nanoTime());
    int returned = work.release(seat.rank());
    roster.lose(seat, step, what, isCause, System.nanoTime());
    LOG.warn(
        "Lost worker {} (start {}) on host {}, at step {}: {}. {} of its leases return; {} workers"
            + " go on.",
        seat.rank(),
        seat.start(),
        seat.hello().host(),
        step + 1,
        what,
        returned,
        roster.seats().size());
  }

  private void loseTheSilent() {
    for (Seat seat : roster.seats()) {
      long silentMillis = control.silentMillis(seat.rank(), seat.start());
      if (silentMillis > address.silenceTimeoutMillis()) {
        lose(seat, "it has been silent for " + silentMillis + " ms");
      }
    }
  }

  private void loseTheLate() {
    shards
        .late(System.nanoTime())
        .ifPresent(seat -> lose(seat, "it has not served the shards beside it in time"));
    if (shards.table().isEmpty()) {
      return; // nobody can finish before shards are placed
    }
    work.overdue(System.nanoTime())
        .ifPresent(
            late -> roster.seat(late.rank()).ifPresent(seat -> lose(seat, work.describe(late))));
  }

  /**
   * Gives leases first to those that have none, then ahead of need, but for the last of a phase:
   * those are for whoever is ready first.
   */
  private void handOut() {
    while (true) {
      List<Seat> seats = roster.seats().stream().toList();
      Optional<Seat> next =
          seats.stream()
              .filter(seat -> mayHave(seat, seats.size()))
              .min(Comparator.comparingInt(seat -> work.held(seat.rank())));
      if (next.isEmpty()) {
        return;
      }
      Seat seat = next.get();
      work.take(seat.rank(), System.nanoTime())
          .ifPresent(lease -> control.sendLease(seat.rank(), seat.start(), lease));
    }
  }

  private boolean mayHave(Seat seat, int workers) {
    int held = work.held(seat.rank());
    int reserve = held == 0 ? 0 : (MOST_HELD - 1) * workers;
    return held < MOST_HELD && work.free() > reserve;
  }

  /** Ends the run where the tasks have ended, or nobody has been there for too long. */
  private void requireSomebody() throws InterruptedException {
    Optional<Throwable> failure = gang.failure();
    if (gang.await(Duration.ZERO)) {
      String end =
          failure.isPresent()
              ? "its task had failed as often as Spark allows (spark.task.maxFailures; the M of"
                  + " local[N,M])"
              : "the tasks ended early";
      throw new TooManyFailuresException(roster.firstCause(end), failure.orElse(null));
    }
    long emptyMillis = roster.emptyForNanos(System.nanoTime()) / 1_000_000;
    if (emptyMillis > 2 * address.registrationTimeoutMillis()) {
      throw new TooManyFailuresException(
          roster.firstCause("no worker was there for " + emptyMillis + " ms"),
          failure.orElse(null));
    }
  }

  /** Sends all home, also those that come only now; whether their tasks have ended. */
  private boolean sayGoodbye() throws InterruptedException {
    for (Seat seat : roster.seats()) {
      control.sendEnd(seat.rank(), seat.start());
    }
    long endNanos = System.nanoTime() + FAREWELL.toNanos();
    while (System.nanoTime() < endNanos) {
      LeaseEvent event = control.next(TICK);
      if (event instanceof LeaseEvent.Joined late) {
        control.sendEnd(late.rank(), late.start());
      } else if (event == null && gang.await(Duration.ZERO)) {
        return true;
      }
    }
    LOG.warn("All work is done, but not all tasks have ended in {}.", FAREWELL);
    return false;
  }
}
