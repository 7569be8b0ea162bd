package org.backdraft.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.data.DataException;
import org.backdraft.driver.control.FailureReport;
import org.backdraft.driver.control.GangControl;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.failure.TooManyFailuresException.FirstCause;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what failed first. A rank that dies takes the others with it within milliseconds, and
 * their reports may come before the news of its death; so reports are collected for a while, and a
 * cause counts before its consequences.
 */
final class FailureInquiry {
  private static final Logger LOG = LoggerFactory.getLogger(FailureInquiry.class);

  /** Three heartbeats missed: whoever is this silent while others complain is the one. */
  private static final long SUSPICIOUS_SILENCE_MILLIS = 3_500;

  private final GangControl control;
  private final Cluster.Gang gang;
  private final int attempt;
  private final int worldSize;
  private final List<GangEvent.Failed> reports = new ArrayList<>();
  private final List<GangEvent.Lost> losses = new ArrayList<>();
  private final boolean[] heard;
  private int reportsBeforeLosses;

  FailureInquiry(GangControl control, Cluster.Gang gang, int attempt) {
    this.control = control;
    this.gang = gang;
    this.attempt = attempt;
    worldSize = control.address().worldSize();
    heard = new boolean[worldSize];
  }

  /** Takes note of an event that is bad news. */
  void add(GangEvent event) {
    if (event instanceof GangEvent.Failed failed) {
      reports.add(failed);
      LOG.info(
          "Rank {} failed ({}): {}",
          failed.rank(),
          failed.report().kind(),
          failed.report().message());
    } else if (event instanceof GangEvent.Lost lost) {
      if (losses.isEmpty()) {
        reportsBeforeLosses = reports.size();
      }
      losses.add(lost);
      LOG.info("Rank {} is lost: {}", lost.rank(), lost.why());
    } else {
      return;
    }
    heard[event.rank()] = true;
  }

  boolean isEmpty() {
    return reports.isEmpty() && losses.isEmpty();
  }

  /** Whether every rank has said how it ended, so that nothing more can come. */
  boolean isComplete() {
    for (boolean each : heard) {
      if (!each) {
        return false;
      }
    }
    return true;
  }

  /** The reports of a step that has diverged; from all ranks where there are any. */
  List<GangEvent.Failed> divergences() {
    List<GangEvent.Failed> found = new ArrayList<>();
    for (GangEvent.Failed each : reports) {
      if (each.report().kind() == FailureReport.Kind.DIVERGED) {
        found.add(each);
      }
    }
    return found;
  }

  /** What to throw for anything but a divergence. */
  Exception verdict(Optional<FirstCause> knownCause) {
    for (GangEvent.Failed each : reports) {
      FailureReport report = each.report();
      switch (report.kind()) {
        case DATA -> {
          return new DataException(report.message() + " (on host " + host(each.rank()) + ")");
        }
        case CONFIGURATION -> {
          return new ConfigurationException(report.message());
        }
        case OTHER -> {
          LOG.warn("Rank {} failed:\n{}", each.rank(), report.trace());
          return failure(cause(each.rank(), report.step(), report.message()));
        }
        case DIVERGED, PEER, STOPPED -> {}
      }
    }
    if (!losses.isEmpty()) {
      return failure(lost());
    }
    return failure(knownCause.orElseGet(this::silentOrAccused));
  }

  /**
   * The rank that was lost, the first one of several. But whoever was accused before is the cause:
   * the end of one task makes Spark interrupt the others, whose channels then break.
   */
  private FirstCause lost() {
    for (GangEvent.Failed each : reports.subList(0, reportsBeforeLosses)) {
      if (isAccusation(each)) {
        GangEvent.Failed last = lastAccusation(each);
        for (GangEvent.Lost lost : losses) {
          if (lost.rank() == last.report().peer()) {
            return cause(lost);
          }
        }
        return accused(last);
      }
    }
    return cause(losses.get(0));
  }

  private FirstCause cause(GangEvent.Lost lost) {
    return cause(lost.rank(), control.step(lost.rank()), lost.why());
  }

  private FirstCause accused(GangEvent.Failed accusation) {
    int peer = accusation.report().peer();
    String what = "rank " + accusation.rank() + " reports: " + accusation.report().message();
    return cause(peer, control.step(peer), what);
  }

  private FirstCause silentOrAccused() {
    int silent = mostSilent();
    long silentMillis = silent < 0 ? 0 : control.silentMillis(silent);
    if (silentMillis > SUSPICIOUS_SILENCE_MILLIS) {
      return cause(silent, control.step(silent), "it has been silent for " + silentMillis + " ms");
    }
    for (GangEvent.Failed each : reports) {
      if (isAccusation(each)) {
        return accused(lastAccusation(each));
      }
    }
    for (int rank = 0; rank < worldSize; rank++) {
      if (control.hello(rank) == null) {
        return cause(rank, 0, "its task ended before it had registered" + sparkSays());
      }
    }
    if (!reports.isEmpty()) {
      GangEvent.Failed first = reports.get(0);
      return cause(first.rank(), first.report().step(), first.report().message());
    }
    String what = "the tasks ended early" + sparkSays();
    return new FirstCause(attempt, -1, worldSize, "unknown", control.step(0), what);
  }

  private boolean isAccusation(GangEvent.Failed event) {
    int peer = event.report().peer();
    return event.report().kind() == FailureReport.Kind.PEER
        && peer >= 0
        && peer < worldSize
        && peer != event.rank();
  }

  /**
   * The end of a chain of accusations: a rank that leaves since it waits for another in vain is
   * missed by the others in turn. The first one where they go in a circle.
   */
  private GangEvent.Failed lastAccusation(GangEvent.Failed first) {
    GangEvent.Failed last = first;
    for (int i = 0; i < worldSize; i++) {
      Optional<GangEvent.Failed> next = accusationBy(last.report().peer());
      if (next.isEmpty()) {
        return last;
      }
      last = next.get();
    }
    return first;
  }

  private Optional<GangEvent.Failed> accusationBy(int rank) {
    return reports.stream().filter(each -> each.rank() == rank && isAccusation(each)).findFirst();
  }

  private String sparkSays() {
    return gang.failure().map(e -> " (" + e + ")").orElse("");
  }

  private int mostSilent() {
    int found = -1;
    for (int rank = 0; rank < worldSize; rank++) {
      boolean isSilent = !heard[rank] && control.hello(rank) != null;
      if (isSilent && (found < 0 || control.silentMillis(rank) > control.silentMillis(found))) {
        found = rank;
      }
    }
    return found;
  }

  FirstCause cause(int rank, long step, String what) {
    return new FirstCause(attempt, rank, worldSize, host(rank), step, what);
  }

  private TooManyFailuresException failure(FirstCause cause) {
    return new TooManyFailuresException(cause, gang.failure().orElse(null));
  }

  private String host(int rank) {
    Hello hello = control.hello(rank);
    return hello == null ? gang.hostOf(rank).orElse("unknown") : hello.host();
  }
}
