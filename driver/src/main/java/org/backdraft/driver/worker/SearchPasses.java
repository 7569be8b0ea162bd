package org.backdraft.driver.worker;

import org.backdraft.optim.Objective;
import org.backdraft.optim.QuasiNewtonSearch;
import org.backdraft.optim.TensorRules;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterTable;

/**
 * The loss over all examples as the objective of a search: each evaluation is a pass, an epoch of
 * one step. What is validated after it is what the search has reached by then, not what it tried.
 *
 * <p>All ranks get the same numbers, and so search alike. Used by one thread.
 */
final class SearchPasses implements Objective<Exception> {
  /** What takes a pass. */
  interface Passes {
    /** The loss of a pass, which leaves the mean gradient in the place of the parameters. */
    double train(int epoch) throws Exception;

    /** Validates the parameters after a pass; whether there may be another one. */
    boolean validate(int epoch) throws Exception;

    /** Saves the search between two directions where that is due; whether it goes on. */
    boolean turn(int epoch) throws Exception;
  }

  private final QuasiNewtonSearch search;
  private final Passes passes;
  private final float[] parameters;
  private final ParameterTable table;
  private final TensorRules rules;
  private int epoch;
  private boolean isUntold;
  private boolean goesOn = true;

  /**
   * @param epoch of the first pass
   */
  SearchPasses(
      QuasiNewtonSearch search, Replica replica, TensorRules rules, int epoch, Passes passes) {
    this.epoch = epoch;
    this.search = search;
    this.passes = passes;
    this.rules = rules;
    parameters = replica.parameters();
    table = replica.plan().parameterTable();
  }

  @Override
  public double at(float[] weights, float[] gradient) throws Exception {
    System.arraycopy(weights, 0, parameters, 0, parameters.length);
    double loss = passes.train(epoch);
    System.arraycopy(parameters, 0, gradient, 0, parameters.length);
    rules.clearFrozen(table, gradient);
    isUntold = true;
    return loss;
  }

  @Override
  public boolean goesOn() throws Exception {
    if (isUntold) {
      isUntold = false;
      System.arraycopy(search.weights(), 0, parameters, 0, parameters.length);
      goesOn = passes.validate(epoch);
      epoch++;
    }
    return goesOn;
  }

  @Override
  public boolean turns() throws Exception {
    return passes.turn(epoch);
  }
}
