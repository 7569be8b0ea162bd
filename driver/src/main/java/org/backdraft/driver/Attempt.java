package org.backdraft.driver;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.GangControl;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.LeafScores;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.control.Verdict;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.failure.TooManyFailuresException.FirstCause;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.driver.worker.TrainingLoop;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One try of a gang, watched from the driver: starts the tasks, brings the ranks together, follows
 * them to their end, and makes sure that a failure ends all of them before a deadline.
 *
 * <p>Used by one thread, which calls the {@link Observer}.
 */
final class Attempt {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
  private static final Duration TICK = Duration.ofMillis(200);
  private static final Duration FAREWELL = Duration.ofSeconds(20);
  private static final Duration CANCELLATION = Duration.ofSeconds(5);
  private static final long INQUIRY_MILLIS = 3_000;

  /** What happens in an attempt that goes well. */
  interface Observer {
    /**
     * All ranks are there.
     *
     * @throws ConfigurationException if they cannot do there what the run asks for
     */
    void joined(Hello[] hellos);

    /** The gang has found out how it sums. */
    void chosen(GangEvent.Chosen event);

    void stepped(GangEvent.Stepped event);

    void timed(GangEvent.Timed event);

    /** All ranks have evaluated their leaves; whether another epoch follows. */
    boolean scored(int epoch, LeafScores.Total total);

    /** Whether the weights that were scored last are to be sent before the gang goes on. */
    boolean keepsWeights();

    /** What learning rates are multiplied by after the epochs that were scored. */
    double rateScale();

    void weighed(GangEvent.Weighed event) throws IOException;

    /** A piece of the gang's state. */
    void stated(GangEvent.OfState event) throws IOException, InterruptedException;

    /**
     * What rank 0 is to raise, {@link TrainingLoop#SAVE} or {@link TrainingLoop#STOP}, 0 for
     * nothing; asked several times a second while all ranks are there.
     *
     * @throws RunInterruptedException if the run is to end, and there is nothing to wait for
     */
    int signal();

    /** Whether the gang has stopped as it was told, and its state is here. */
    boolean hasStopped();

    /** What the ranks say of a step that has diverged. */
    TrainingDivergedException diverged(List<GangEvent.Failed> reports);
  }

  /**
   * How an attempt is to be run.
   *
   * @param number of the attempt, from 0
   * @param leaves that scores are reported by
   * @param firstEpoch that is evaluated, from 0
   * @param silence after which a rank counts as lost
   * @param registration how long the ranks may take to come
   * @param shards where those of a parameter server are; none without
   * @param keepsState whether the driver keeps a part of the gang's state, for whose copy rank 0
   *     waits
   */
  record Rules(
      int number,
      Leaves leaves,
      int firstEpoch,
      Duration silence,
      Duration registration,
      PeerTable.Shards shards,
      boolean keepsState) {}

  /**
   * How an attempt has ended.
   *
   * @param weightsSha256 the digest of the weights, equal on all ranks
   * @param isComplete whether all is done; else the gang was told to stop
   */
  record Outcome(String weightsSha256, boolean isComplete) {}

  private final Cluster cluster;
  private final Rules rules;
  private final Observer observer;
  private final int worldSize;
  private final String[] digests;
  private final DriftCheck drift;
  private int joined;
  private int finished;
  private boolean isComplete = true;
  private boolean isDismissed;
  private LeafScores scores;
  private int scoredRanks;
  private int scoredEpoch;

  Attempt(Cluster cluster, Rules rules, Observer observer) {
    this.cluster = cluster;
    this.rules = rules;
    this.observer = observer;
    worldSize = cluster.placement().workers();
    digests = new String[worldSize];
    drift = new DriftCheck(rules.number(), worldSize);
    scores = emptyScores();
    scoredEpoch = rules.firstEpoch();
  }

  /**
   * Runs the gang to its end.
   *
   * @param start what the ranks are sent
   * @throws Exception the first cause of a failure
   */
  Outcome run(GangAddress draft, Function<GangAddress, WorkerTask> tasks, StartState start)
      throws Exception {
    try (GangControl control = GangControl.open(cluster.placement().bindHost(), draft)) {
      Cluster.Gang gang = cluster.start(tasks.apply(control.address()));
      boolean ended = false;
      try {
        watch(control, gang, start);
        ended = gang.await(FAREWELL);
        if (!ended) {
          LOG.warn("All ranks have finished, but their tasks have not ended in {}.", FAREWELL);
        }
      } finally {
        if (!ended && !gang.await(Duration.ZERO)) {
          gang.cancel("Attempt " + rules.number() + " is over.");
          awaitCancelled(gang);
        }
      }
    }
    return new Outcome(agreedDigest(), isComplete);
  }

  private static void awaitCancelled(Cluster.Gang gang) throws InterruptedException {
    if (!gang.await(CANCELLATION)) {
      LOG.warn("Tasks of the gang did not end within {} of their cancellation.", CANCELLATION);
    }
  }

  private void watch(GangControl control, Cluster.Gang gang, StartState start) throws Exception {
    FailureInquiry inquiry = new FailureInquiry(control, gang, rules.number());
    long startNanos = System.nanoTime();
    while (finished < worldSize) {
      GangEvent event = control.next(TICK);
      if (event != null) {
        handle(event, control, start, inquiry);
      }
      if (joined == worldSize) {
        say(control);
      }
      Optional<FirstCause> trouble = trouble(control, gang, inquiry, startNanos);
      if (trouble.isPresent() || !inquiry.isEmpty() || isOver(gang, event)) {
        throw inquire(control, inquiry, trouble);
      }
    }
  }

  /** Whether the tasks have ended while nothing that they said is left to be read. */
  private static boolean isOver(Cluster.Gang gang, GangEvent event) throws InterruptedException {
    return event == null && gang.await(Duration.ZERO);
  }

  private void handle(
      GangEvent event, GangControl control, StartState start, FailureInquiry inquiry)
      throws IOException, InterruptedException {
    if (event instanceof GangEvent.Joined) {
      joined++;
      if (joined == worldSize) {
        welcome(control, start);
      }
    } else if (event instanceof GangEvent.Chosen chosen) {
      observer.chosen(chosen);
    } else if (event instanceof GangEvent.Stepped stepped) {
      observer.stepped(stepped);
    } else if (event instanceof GangEvent.Timed timed) {
      observer.timed(timed);
    } else if (event instanceof GangEvent.Scored scored) {
      score(scored, control);
    } else if (event instanceof GangEvent.Weighed weighed) {
      observer.weighed(weighed);
    } else if (event instanceof GangEvent.OfState state) {
      observer.stated(state);
      if (rules.keepsState() && state instanceof GangEvent.StateBegun) {
        sendKept(control);
      }
    } else if (event instanceof GangEvent.StateWanted wanted) {
      sendState(wanted, control, start);
    } else if (event instanceof GangEvent.Digested digested) {
      drift.compare(digested, rank -> control.hello(rank).host());
    } else if (event instanceof GangEvent.Finished done) {
      digests[done.rank()] = done.finish().weightsSha256();
      isComplete &= done.finish().isComplete();
      finished++;
    } else {
      inquiry.add(event);
    }
  }

  private void welcome(GangControl control, StartState start) {
    Hello[] hellos = new Hello[worldSize];
    for (int rank = 0; rank < worldSize; rank++) {
      hellos[rank] = control.hello(rank);
    }
    GangLog.joined(hellos, cluster.placement());
    observer.joined(hellos);
    try {
      control.sendPeers(rules.shards());
      if (start.weights().isPresent()) {
        Weights weights = start.weights().get();
        control.sendStartWeights(weights.parameters(), weights.buffers());
      }
    } catch (IOException e) {
      LOG.debug("A rank left while the gang came together.", e); // its Lost event says more
    }
  }

  private static void sendState(
      GangEvent.StateWanted wanted, GangControl control, StartState start) {
    try {
      control.sendStartState(wanted.rank(), wanted.ranges(), start.slots());
    } catch (IOException e) {
      LOG.debug("Rank {} left before it had its state.", wanted.rank(), e); // likewise
    }
  }

  private static void sendKept(GangControl control) {
    try {
      control.sendStateKept();
    } catch (IOException e) {
      LOG.debug("Rank 0 left while its state was saved.", e); // likewise
    }
  }

  /** Says what the observer wants of the gang. */
  private void say(GangControl control) {
    try {
      int signal = observer.signal();
      if (signal != 0) {
        control.signal(signal);
      }
      if (!isDismissed && observer.hasStopped()) {
        isDismissed = true;
        control.sendEnd();
      }
    } catch (IOException e) {
      LOG.debug("A rank left before it was told to save or to end.", e); // likewise
    }
  }

  private void score(GangEvent.Scored scored, GangControl control) {
    if (scored.epoch() != scoredEpoch) {
      throw new IllegalStateException(
          "Rank %d must report epoch %d: it reported %d."
              .formatted(scored.rank(), scoredEpoch, scored.epoch()));
    }
    scores.set(scored.scores());
    scoredRanks++;
    if (scoredRanks == worldSize) {
      boolean goOn = observer.scored(scoredEpoch, scores.total(rules.leaves()));
      Verdict verdict =
          new Verdict(scoredEpoch, goOn, observer.keepsWeights(), observer.rateScale());
      scores = emptyScores();
      scoredRanks = 0;
      scoredEpoch++;
      try {
        control.sendVerdict(verdict);
      } catch (IOException e) {
        LOG.debug("A rank left before the verdict on epoch {}.", verdict.epoch(), e);
      }
    }
  }

  private LeafScores emptyScores() {
    return new LeafScores(new LeafRange(0, rules.leaves().count()));
  }

  private Optional<FirstCause> trouble(
      GangControl control, Cluster.Gang gang, FailureInquiry inquiry, long startNanos) {
    long elapsedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    for (int rank = 0; rank < worldSize; rank++) {
      if (digests[rank] != null) {
        continue;
      }
      if (control.hello(rank) == null) {
        if (elapsedMillis > rules.registration().toMillis()) {
          String what =
              "it did not register with the driver within "
                  + rules.registration().toSeconds()
                  + " s"
                  + gang.failure().map(e -> " (" + e + ")").orElse("")
                  + gang.lostExecutors().map(lost -> "; the cluster has lost " + lost).orElse("");
          return Optional.of(inquiry.cause(rank, 0, what));
        }
      } else if (isSilent(control, rank)) {
        String what = "it has been silent for " + control.silentMillis(rank) + " ms";
        replaceSilent(control);
        return Optional.of(inquiry.cause(rank, control.step(rank), what));
      }
    }
    return Optional.empty();
  }

  private boolean isSilent(GangControl control, int rank) {
    return control.silentMillis(rank) > rules.silence().toMillis();
  }

  /**
   * The cluster would take longer to see that a process stands still, and such a one ends no task
   * that is cancelled.
   */
  private void replaceSilent(GangControl control) {
    for (int rank = 0; rank < worldSize; rank++) {
      if (digests[rank] == null && control.hello(rank) != null && isSilent(control, rank)) {
        cluster.replace(control.hello(rank).executorId());
      }
    }
  }

  private Exception inquire(
      GangControl control, FailureInquiry inquiry, Optional<FirstCause> trouble)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    while (!inquiry.isComplete()
        && TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos) < INQUIRY_MILLIS) {
      GangEvent event = control.next(TICK);
      if (event != null) {
        inquiry.add(event);
      }
    }
    List<GangEvent.Failed> divergences = inquiry.divergences();
    if (!divergences.isEmpty()) {
      return observer.diverged(divergences);
    }
    return inquiry.verdict(trouble);
  }

  private String agreedDigest() {
    for (int rank = 1; rank < worldSize; rank++) {
      if (!digests[rank].equals(digests[0])) {
        throw new IllegalStateException(
            "All ranks must end with the same weights: rank 0 has %s, rank %d has %s. This is a"
                    .formatted(digests[0], rank, digests[rank])
                + " defect of Backdraft or of the hardware; please report it.");
      }
    }
    return digests[0];
  }
}
