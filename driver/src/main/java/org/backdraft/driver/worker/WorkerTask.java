package org.backdraft.driver.worker;

import java.io.Serializable;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.sync.LeaseOptimizer;
import org.backdraft.driver.sync.ShardOptimizer;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.sync.StateLayout;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.sync.Updates;
import org.backdraft.kernel.Kernels;
import org.backdraft.optim.LearningRateSchedule;
import org.backdraft.plan.Plan;

/** What a gang is to do; the same value for all ranks, shipped in Spark's task. */
public sealed interface WorkerTask extends Serializable {
  GangAddress gang();

  ModelSpec model();

  /** The set that is evaluated. */
  DataSpec validation();

  /**
   * How long and over what to train.
   *
   * @param epochs at least 1
   * @param maxSteps 0 for no limit
   * @param globalBatch examples of a step
   * @param shuffle whether each epoch has its own order
   * @param seed of shuffling
   */
  record Course(int epochs, long maxSteps, int globalBatch, boolean shuffle, long seed)
      implements Serializable {
    /** Steps of one epoch over {@code examples}, the short last one included. */
    public long stepsPerEpoch(int examples) {
      return (examples + (long) globalBatch - 1) / globalBatch;
    }

    /** Steps of the whole training. */
    public long totalSteps(int examples) {
      long all = epochs * stepsPerEpoch(examples);
      return maxSteps > 0 ? Math.min(maxSteps, all) : all;
    }
  }

  /**
   * The learning rate of each step.
   *
   * @param initial what the schedule starts from
   */
  record Rate(float initial, LearningRateSchedule schedule) implements Serializable {
    /**
     * The learning rate of {@code step}, from 0.
     *
     * @param scale what the driver has lowered the schedule's rate by
     */
    public float of(long step, long stepsPerEpoch, long totalSteps, double scale) {
      return (float) (schedule.learningRate(initial, step, stepsPerEpoch, totalSteps) * scale);
    }
  }

  /**
   * What outlives the gang.
   *
   * @param from where it goes on; beyond the beginning with weights and state from the driver
   * @param rateScale what learning rates are multiplied by from there
   * @param rule when it sends its state there
   * @param searchLoss what a search had reached, 0 without one
   */
  record Continuity(Position from, double rateScale, CheckpointRule rule, double searchLoss)
      implements Serializable {
    /** From the beginning, without a checkpoint. */
    public static final Continuity NONE =
        new Continuity(Position.BEGINNING, 1, CheckpointRule.NEVER, 0);

    /** Whether it goes on with a training that has begun. */
    public boolean goesOn() {
      return !from.equals(Position.BEGINNING);
    }
  }

  /** Train, and evaluate after each epoch. */
  record Train(
      GangAddress gang,
      ModelSpec model,
      DataSpec training,
      DataSpec validation,
      Course course,
      Updates updates,
      SyncSpec sync,
      Rate rate,
      Continuity continuity,
      HealthRule health)
      implements WorkerTask {
    /** The same for the gang at that address. */
    public Train at(GangAddress address) {
      return new Train(
          address, model, training, validation, course, updates, sync, rate, continuity, health);
    }

    /** Steps that were taken before this gang's first. */
    public long stepsBefore() {
      return continuity.from().steps(course.stepsPerEpoch(training.examples()));
    }

    /** The examples of the last of them, 0 where there is none. */
    int examplesBefore() {
      long before = stepsBefore();
      if (before == 0) {
        return 0;
      }
      long inEpoch = (before - 1) % course.stepsPerEpoch(training.examples());
      return (int)
          Math.min(course.globalBatch(), training.examples() - inEpoch * course.globalBatch());
    }

    /** The arrays of the gang's state. */
    public StateLayout stateLayout() {
      return StateLayout.of(
          updates, sync, gang.worldSize(), model.network().parameterTable().size());
    }

    /** The same from another place, when so many steps have been skipped. */
    public Train from(ModelSpec.Start start, Continuity other, long skipped) {
      return new Train(
          gang,
          model.startingFrom(start),
          training,
          validation,
          course,
          updates,
          sync,
          rate,
          other,
          health.after(skipped));
    }

    /** What a shard does with the sums of a step. */
    public ShardOptimizer shardOptimizer(Kernels kernels) {
      return new ShardOptimizer(kernels.update(), model.network().parameterTable(), updates);
    }
  }

  /**
   * Train as {@code train} says, not step by step with all others but lease by lease.
   *
   * @param leases how work is cut
   */
  record Leased(Train train, LeaseSpec leases) implements WorkerTask {
    @Override
    public GangAddress gang() {
      return train.gang();
    }

    @Override
    public ModelSpec model() {
      return train.model();
    }

    @Override
    public DataSpec validation() {
      return train.validation();
    }

    /** The same for the workers at that address. */
    public Leased at(GangAddress address) {
      return new Leased(train.at(address), leases);
    }

    /** The same from another place. */
    public Leased from(Position position) {
      Continuity before = train.continuity();
      Continuity there =
          new Continuity(position, before.rateScale(), before.rule(), before.searchLoss());
      return new Leased(train.from(train.model().start(), there, 0), leases);
    }

    /** What the plan of each worker is made for. */
    public Plan.Request request() {
      return leases.request(model(), train.training().examples());
    }

    /**
     * What shards do with what is pushed.
     *
     * @param plan made for {@link #request}
     */
    public LeaseOptimizer optimizer(Plan plan) {
      return new LeaseOptimizer(
          train.updates().rules(plan.parameterTable()),
          plan.kernels().update(),
          plan.reduction(),
          plan.statisticsShares());
    }

    /** The table that is pushed to and pulled from. */
    public SharedTable table() {
      return SharedTable.of(model().network(), model().leaves(), train.sync(), gang().worldSize());
    }
  }

  /**
   * Evaluate once.
   *
   * @param reestimates whether statistics of batch normalizations are estimated anew before, from
   *     the same set; by a gang of one
   */
  record Evaluate(GangAddress gang, ModelSpec model, DataSpec validation, boolean reestimates)
      implements WorkerTask {
    /** The same for the gang at that address. */
    public WorkerTask at(GangAddress address) {
      return new Evaluate(address, model, validation, reestimates);
    }
  }
}
