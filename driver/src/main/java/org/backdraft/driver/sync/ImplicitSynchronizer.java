package org.backdraft.driver.sync;

import java.io.IOException;
import java.util.List;
import org.backdraft.optim.ImplicitSgd;
import org.backdraft.optim.ProximalStep;
import org.backdraft.optim.TensorRules;
import org.backdraft.plan.LocalBatch;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterTable;

/**
 * Steps of {@link ImplicitSgd}: each is some evaluations of one batch, and each of those a step of
 * another synchronizer, whose rule leaves the mean gradient in the place of the parameters. All
 * ranks get the same numbers, and so walk alike; dropout is the same in all evaluations. What is
 * told of a step is its first evaluation, at the weights that it begins with.
 */
final class ImplicitSynchronizer implements Synchronizer {
  private final Synchronizer evaluations;
  private final int count;
  private final Replica replica;
  private final ParameterTable table;
  private final TensorRules rules;
  private final ProximalStep walk;
  private final StepSums first;
  private final StepTimes times = new StepTimes();

  /**
   * @param evaluations closed with this
   */
  ImplicitSynchronizer(
      Synchronizer evaluations, Replica replica, Updates updates, ImplicitSgd rule) {
    this.evaluations = evaluations;
    this.replica = replica;
    count = rule.evaluations();
    table = replica.plan().parameterTable();
    rules = updates.rules(table);
    walk = new ProximalStep(new ParameterBlocks(table));
    first = StepSums.kept(replica.plan().reduction());
  }

  @Override
  public StepSums step(LocalBatch batch, int epoch, long step, float learningRate)
      throws IOException, InterruptedException, DivergedException {
    times.start();
    walk.begin(replica.parameters(), learningRate);
    for (int i = 0; i < count; i++) {
      StepSums sums = evaluate(batch, epoch, step * count + i, learningRate, i);
      if (i == 0) {
        first.keep(sums);
        if (sums.isNonFinite(0)) { // left as it was
          return first;
        }
      }
      if (sums.isNonFinite(0)) {
        walk.refuse();
      } else {
        rules.clearFrozen(table, replica.parameters());
        walk.take(replica.parameters(), (double) sums.loss(0) / denominator(sums));
      }
      if (i < count - 1) {
        walk.next(replica.parameters());
      }
      times.computed();
    }
    walk.end(replica.parameters());
    times.computed();
    return first;
  }

  private StepSums evaluate(
      LocalBatch batch, int epoch, long evaluation, float learningRate, int number)
      throws IOException, InterruptedException, DivergedException {
    try {
      StepSums sums = evaluations.step(batch, epoch, evaluation, learningRate);
      evaluations.awaitParameters();
      times.add(evaluations.times());
      return sums;
    } catch (DivergedException e) {
      if (number > 0) {
        walk.end(replica.parameters());
      }
      throw e;
    }
  }

  /** Of a batch of which nothing counts, the loss is 0. */
  private static double denominator(StepSums sums) {
    return sums.denominator(0) == 0 ? 1 : sums.denominator(0);
  }

  /** All are there after each step. */
  @Override
  public void awaitParameters() {}

  @Override
  public StepSums settle(long step) throws IOException, InterruptedException, DivergedException {
    return evaluations.settle(step * count);
  }

  @Override
  public List<KeptArrays> state(long steps) throws IOException, InterruptedException {
    return evaluations.state(steps * count);
  }

  @Override
  public StepTimes times() {
    return times;
  }

  @Override
  public void close() {
    evaluations.close();
  }
}
