package org.backdraft.driver;

import java.io.IOException;
import java.util.Optional;
import org.backdraft.driver.config.NonFiniteConfig;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.Kernels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training whose workers take every step together: attempt after attempt, each from the newest
 * checkpoint, until one ends well or {@code train.restarts} are spent. The weights are those of a
 * run that nothing has disturbed.
 */
final class GangTraining {
  private static final Logger LOG = LoggerFactory.getLogger(GangTraining.class);

  private final Cluster cluster;
  private final Kernels kernels;
  private final TrainingProgress progress;
  private final Checkpoints checkpoints;
  private final RestartBudget budget;
  private final NonFiniteConfig nonFinite;
  private final GangSecurity security = new GangSecurity();

  GangTraining(
      Cluster cluster,
      Kernels kernels,
      TrainingProgress progress,
      Checkpoints checkpoints,
      RestartBudget budget,
      NonFiniteConfig nonFinite) {
    this.cluster = cluster;
    this.kernels = kernels;
    this.progress = progress;
    this.checkpoints = checkpoints;
    this.budget = budget;
    this.nonFinite = nonFinite;
  }

  /**
   * Trains.
   *
   * @param task of the first attempt, from its beginning
   * @param weights that training starts with, empty where they are drawn from the seed
   * @return the digest of the weights, equal on all ranks
   * @throws TooManyFailuresException if it has failed once more than it may start again
   * @throws RunInterruptedException if it was told to stop
   */
  String run(WorkerTask.Train task, Optional<Weights> weights)
      throws IOException, InterruptedException {
    return run(task, weights, StartState.beginning(weights));
  }

  /**
   * Goes on from the newest checkpoint.
   *
   * @param folder of the checkpoints, for a message
   * @throws ConfigurationException if there is none
   */
  String resume(WorkerTask.Train task, String folder) throws IOException, InterruptedException {
    GangState saved = checkpoints.resumed(folder);
    progress.goOn(saved.counts(), 0, "it was resumed");
    return run(task, Optional.empty(), StartState.of(saved));
  }

  private String run(WorkerTask.Train task, Optional<Weights> weights, StartState resumed)
      throws IOException, InterruptedException {
    StartState start = resumed;
    TooManyFailuresException first = null;
    for (int number = 0; ; number++) {
      try {
        return attempt(task, number, start);
      } catch (TrainingDivergedException e) {
        start = rollBack(weights, e);
      } catch (TooManyFailuresException e) {
        progress.failed();
        first = first == null ? e : first;
        progress.requireGoOn(e);
        if (!budget.take(System.nanoTime())) {
          throw number == 0 ? e : first.after(number, e);
        }
        LOG.warn("Attempt {} has failed. {}", number, e.getMessage());
        start = restart(weights, first, e.firstCause());
      }
    }
  }

  /** Goes back to the newest checkpoint, to go on with a lower rate; or gives up. */
  private StartState rollBack(Optional<Weights> weights, TrainingDivergedException cause)
      throws IOException, InterruptedException {
    if (!nonFinite.rollsBack() || progress.counts().rollBacks >= nonFinite.most()) {
      throw cause;
    }
    progress.rollBack(nonFinite.rateFactor());
    LOG.warn(
        "Rolling back ({} of {} times, train.non-finite.most): {}",
        progress.counts().rollBacks,
        nonFinite.most(),
        cause.getMessage());
    return goBack(weights, "roll-back " + progress.counts().rollBacks + ": " + cause.getMessage());
  }

  /** Waits for workers, and goes back to the newest checkpoint. */
  private StartState restart(
      Optional<Weights> weights,
      TooManyFailuresException first,
      TooManyFailuresException.FirstCause cause)
      throws IOException, InterruptedException {
    try {
      cluster.awaitWorkers();
    } catch (TooManyFailuresException e) {
      throw first.after(budget.taken(), e);
    }
    return goBack(weights, cause.toString());
  }

  private StartState goBack(Optional<Weights> weights, String cause)
      throws IOException, InterruptedException {
    Optional<GangState> saved = checkpoints.newest();
    progress.goOn(
        saved.map(GangState::counts).orElseGet(ProgressCounts::new), budget.taken(), cause);
    return saved.map(StartState::of).orElse(StartState.beginning(weights));
  }

  private String attempt(WorkerTask.Train task, int number, StartState start)
      throws IOException, InterruptedException {
    GangAddress address = task.gang().with(security.credentials(number));
    WorkerTask.Train mine = from(task, start).at(address);
    try (ShardPlaces shards = ShardPlaces.open(mine, cluster.placement(), kernels, start)) {
      progress.collect(
          new StateCollector(
              task.model().network(),
              task.stateLayout().total(),
              address.worldSize(),
              shards::copyState,
              progress::counts,
              (state, isLast) -> {
                checkpoints.save(state, number);
                progress.saved(isLast);
              }));
      Attempt.Rules rules =
          GangSetup.rules(
              address,
              task.model(),
              start.position().epoch(),
              shards,
              task.sync().isKeptByDriver());
      Attempt.Outcome outcome =
          GangSetup.run(new Attempt(cluster, rules, progress), address, mine::at, start);
      if (!outcome.isComplete()) {
        throw RunInterruptedException.after(progress.counts().steps, checkpoints.awaitSaved());
      }
      return outcome.weightsSha256();
    } finally {
      progress.end();
    }
  }

  private WorkerTask.Train from(WorkerTask.Train task, StartState start) {
    ModelSpec.Start drawn = task.model().start();
    boolean fromDriver = start.weights().isPresent();
    return task.from(
        new ModelSpec.Start(fromDriver, drawn.initializer(), drawn.seed()),
        new WorkerTask.Continuity(
            start.position(), progress.rateScale(), task.continuity().rule(), start.searchLoss()),
        progress.counts().skipped);
  }
}
