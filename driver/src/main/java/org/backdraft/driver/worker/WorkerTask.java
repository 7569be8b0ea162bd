package org.backdraft.driver.worker;

import java.io.Serializable;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.sync.ShardOptimizer;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.sync.Updates;
import org.backdraft.kernel.Kernels;
import org.backdraft.optim.LearningRateSchedule;

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
   * @param initial that training starts with
   */
  record Rate(float initial, LearningRateSchedule schedule) implements Serializable {
    /** The learning rate of {@code step}, from 0. */
    public float of(long step, long stepsPerEpoch, long totalSteps) {
      return schedule.learningRate(initial, step, stepsPerEpoch, totalSteps);
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
      Rate rate)
      implements WorkerTask {
    /** The same for the gang at that address. */
    public WorkerTask at(GangAddress address) {
      return new Train(address, model, training, validation, course, updates, sync, rate);
    }

    /** What a shard does with the sums of a step. */
    public ShardOptimizer shardOptimizer(Kernels kernels) {
      int examples = training.examples();
      return new ShardOptimizer(
          kernels.update(),
          model.network().parameterTable(),
          updates,
          step -> rate.of(step, course.stepsPerEpoch(examples), course.totalSteps(examples)));
    }
  }

  /** Evaluate once. */
  record Evaluate(GangAddress gang, ModelSpec model, DataSpec validation) implements WorkerTask {
    /** The same for the gang at that address. */
    public WorkerTask at(GangAddress address) {
      return new Evaluate(address, model, validation);
    }
  }
}
