package org.backdraft.plan;

import java.util.List;
import org.backdraft.concurrent.Team;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.nn.Share;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.LayerwiseOptimizer;
import org.backdraft.optim.Optimizer;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterTable;

/**
 * Applies an optimiser to the sums over a global batch, by all threads of a team: what must be
 * known of whole tensors first (norms), then the update. Runs allocate nothing.
 */
final class ParameterUpdate {
  /** Borders between the shares of an update are multiples of this. */
  private static final int RANGE = 1024;

  private final UpdateKernels kernels;
  private final Team team;
  private final float[] parameters;
  private final ParameterBlocks blocks;
  private final boolean[] isAdapted;
  private final double[] weightSquares;
  private final double[] directionSquares;
  private final float[] rates;
  private final PhaseTask task = new PhaseTask();

  private LayerwiseOptimizer layerwise;
  private LayerwiseOptimizer withoutDecay;

  ParameterUpdate(UpdateKernels kernels, Team team, ParameterTable table, float[] parameters) {
    this.kernels = kernels;
    this.team = team;
    this.parameters = parameters;
    blocks = new ParameterBlocks(table);
    List<ParameterTable.Entry> entries = table.entries();
    isAdapted = new boolean[entries.size()];
    for (int t = 0; t < isAdapted.length; t++) {
      isAdapted[t] = LayerwiseOptimizer.adapts(entries.get(t).spec().role());
    }
    weightSquares = new double[blocks.count()];
    directionSquares = new double[blocks.count()];
    rates = new float[blocks.tensors()];
  }

  /**
   * One update.
   *
   * @param g gradient sums; an element bound by {@code clipping} is overwritten
   * @param denominator makes the mean gradient of them
   * @param step 1 for the first update
   */
  void run(
      Optimizer optimizer,
      Clipping clipping,
      float[] g,
      float[][] state,
      float denominator,
      float learningRate,
      long step) {
    task.g = g;
    task.state = state;
    task.denominator = denominator;
    task.learningRate = learningRate;
    task.step = step;
    if (clipping.value() > 0) {
      task.limit = clipping.value() * denominator;
      run(Phase.CLAMP);
    }
    if (clipping.norm() > 0) {
      run(Phase.GRADIENT_SQUARES);
      task.denominator = clipping.denominator(blocks.sum(directionSquares), denominator);
    }
    if (optimizer instanceof LayerwiseOptimizer rule) {
      if (!rule.equals(layerwise)) {
        layerwise = rule;
        withoutDecay = rule.withoutDecay();
      }
      run(Phase.MEASURE);
      trust(learningRate);
      run(Phase.UPDATE_TENSORS);
    } else {
      task.optimizer = optimizer;
      run(Phase.UPDATE);
    }
    task.g = null;
    task.state = null;
  }

  private void run(Phase phase) {
    task.phase = phase;
    team.run(task);
  }

  private void trust(float learningRate) {
    for (int t = 0; t < rates.length; t++) {
      double weight = blocks.sum(weightSquares, t);
      double direction = blocks.sum(directionSquares, t);
      rates[t] = learningRate;
      if (isAdapted[t]) {
        rates[t] *= layerwise.trustRatio(weight, direction, task.denominator);
      }
    }
  }

  private LayerwiseOptimizer rule(int tensor) {
    return isAdapted[tensor] ? layerwise : withoutDecay;
  }

  private enum Phase {
    CLAMP,
    GRADIENT_SQUARES,
    MEASURE,
    UPDATE,
    UPDATE_TENSORS
  }

  /** One phase over a thread's share. */
  private final class PhaseTask implements Team.Task {
    private Phase phase;
    private Optimizer optimizer;
    private float[] g;
    private float[][] state;
    private float denominator;
    private float limit;
    private float learningRate;
    private long step;

    @Override
    public void run(int thread) {
      int size = parameters.length;
      int ranges = (size + RANGE - 1) / RANGE;
      int begin = Share.begin(ranges, thread, team.threads()) * RANGE;
      int end = Math.min(size, Share.end(ranges, thread, team.threads()) * RANGE);
      int firstBlock = Share.begin(blocks.count(), thread, team.threads());
      int endBlock = Share.end(blocks.count(), thread, team.threads());
      switch (phase) {
        case CLAMP -> kernels.clamp(g, begin, Math.max(begin, end), limit);
        case GRADIENT_SQUARES -> gradientSquares(firstBlock, endBlock);
        case MEASURE -> measure(firstBlock, endBlock);
        case UPDATE -> {
          if (begin < end) {
            optimizer.update(
                kernels, parameters, g, state, begin, end, denominator, learningRate, step);
          }
        }
        case UPDATE_TENSORS -> updateTensors(firstBlock, endBlock);
      }
    }

    private void gradientSquares(int first, int end) {
      for (int block = first; block < end; block++) {
        directionSquares[block] = kernels.sumOfSquares(g, blocks.begin(block), blocks.end(block));
      }
    }

    private void measure(int first, int end) {
      for (int block = first; block < end; block++) {
        rule(blocks.tensor(block))
            .measure(
                kernels,
                parameters,
                g,
                state,
                blocks.begin(block),
                blocks.end(block),
                denominator,
                step,
                weightSquares,
                directionSquares,
                block);
      }
    }

    /** One call for all blocks of a tensor that this thread has. */
    private void updateTensors(int first, int end) {
      int block = first;
      while (block < end) {
        int tensor = blocks.tensor(block);
        int last = Math.min(end, blocks.first(tensor + 1)) - 1;
        rule(tensor)
            .update(
                kernels,
                parameters,
                g,
                state,
                blocks.begin(block),
                blocks.end(last),
                denominator,
                rates[tensor],
                step);
        block = last + 1;
      }
    }
  }
}
