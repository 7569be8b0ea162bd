package org.backdraft.jobs.rate;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.TrainingListener;

/**
 * Watches a run whose learning rate rises from step to step, and has it stop when all steps are
 * done or the loss has grown too large: when its running mean is more than {@link #GROWTH} times
 * the lowest one so far.
 *
 * <p>Thread-safe: a run may be told to end from elsewhere while it goes on.
 */
public final class RateSearch implements TrainingListener {
  private static final double GROWTH = 4;

  /** What is kept of the running mean at a step. */
  private static final double KEPT = 0.9;

  /** Steps before the first running mean that counts. */
  private static final int FIRST_STEPS = 10;

  private final int steps;
  private final Runnable stop;
  private final List<Step> taken = new ArrayList<>();
  private boolean isOver;
  private boolean hasDiverged;

  /**
   * @param steps that the run takes at most
   * @param stop has the run stop; called once
   */
  public RateSearch(int steps, Runnable stop) {
    this.steps = steps;
    this.stop = stop;
  }

  @Override
  public synchronized void onStep(Step step) {
    if (isOver) {
      return;
    }
    taken.add(step);
    hasDiverged = hasGrown();
    isOver = hasDiverged || taken.size() >= steps;
    if (isOver) {
      stop.run();
    }
  }

  /** Takes back the steps that are to be done again. */
  @Override
  public synchronized void onRestart(Restart restart) {
    if (!isOver && restart.steps() < taken.size()) {
      taken.subList((int) restart.steps(), taken.size()).clear();
    }
  }

  private boolean hasGrown() {
    double mean = 0;
    double weight = 0;
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < taken.size(); i++) {
      mean = KEPT * mean + (1 - KEPT) * taken.get(i).loss();
      weight = KEPT * weight + (1 - KEPT);
      if (i >= FIRST_STEPS) {
        lowest = Math.min(lowest, mean / weight);
      }
    }
    return taken.size() > FIRST_STEPS && mean / weight > GROWTH * lowest;
  }

  /** Notes that the run has ended since its numbers were not finite any more. */
  public synchronized void diverge() {
    isOver = true;
    hasDiverged = true;
  }

  /** Whether the run need not go on. */
  public synchronized boolean isOver() {
    return isOver;
  }

  /** What was found so far. */
  public synchronized RateCurve curve() {
    return new RateCurve(
        taken.stream().mapToDouble(Step::learningRate).toArray(),
        taken.stream().mapToDouble(Step::loss).toArray(),
        hasDiverged);
  }
}
