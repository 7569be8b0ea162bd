package org.backdraft.plan;

import java.io.IOException;
import java.util.Arrays;
import org.backdraft.concurrent.Team;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.nn.Share;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.TensorRules;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterTable;

/**
 * Applies an optimiser to the sums over a global batch, by all threads of a team, for the
 * parameters that this worker owns: what must be known of whole tensors first (norms, of which
 * every worker measures the blocks it owns), then the update. Runs allocate nothing.
 */
final class ParameterUpdate {
  /** Borders between the shares of an update are multiples of this, from the range's begin. */
  private static final int SHARE = 1024;

  private final UpdateKernels kernels;
  private final Team team;
  private final float[] parameters;
  private final ParameterBlocks blocks;
  private final OwnedParameters owned;
  private final double[] weightSquares;
  private final double[] directionSquares;
  private final double[][] gradientSums;
  private final double[][] layerSums;
  private final float[] rates;
  private final PhaseTask task = new PhaseTask();

  ParameterUpdate(
      UpdateKernels kernels,
      Team team,
      ParameterTable table,
      OwnedParameters owned,
      float[] parameters) {
    this.kernels = kernels;
    this.team = team;
    this.parameters = parameters;
    this.owned = owned;
    blocks = new ParameterBlocks(table);
    weightSquares = new double[blocks.count()];
    directionSquares = new double[blocks.count()];
    gradientSums = new double[][] {directionSquares};
    layerSums = new double[][] {weightSquares, directionSquares};
    rates = new float[blocks.tensors()];
  }

  /**
   * One update.
   *
   * @param rules of the table's tensors
   * @param g gradient sums, looked at where this worker owns parameters; an element bound by {@code
   *     clipping} is overwritten
   * @param state arrays of the length of what is owned
   * @param denominator makes the mean gradient of them
   * @param step 1 for the first update
   * @throws IOException if the peers cannot be asked for their part of a norm
   */
  void run(
      TensorRules rules,
      Clipping clipping,
      float[] g,
      float[][] state,
      float denominator,
      float learningRate,
      long step,
      UpdatePeers peers)
      throws IOException {
    task.rules = rules;
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
      measure(Phase.GRADIENT_SQUARES, gradientSums, peers);
      task.denominator = clipping.denominator(blocks.sum(directionSquares), denominator);
    }
    Phase last = Phase.UPDATE;
    if (rules.isLayerwise()) {
      measure(Phase.MEASURE, layerSums, peers);
      trust(rules, learningRate);
      last = Phase.UPDATE_TENSORS;
    }
    // What the next forward pass reads first, which is what the backward pass made final last.
    for (int range = owned.ranges() - 1; range >= 0; range--) {
      run(last, range);
      peers.updated(range);
    }
    task.g = null;
    task.state = null;
  }

  private void measure(Phase phase, double[][] sums, UpdatePeers peers) throws IOException {
    for (double[] each : sums) {
      Arrays.fill(each, 0);
    }
    run(phase);
    peers.share(sums);
  }

  private void run(Phase phase) {
    for (int range = 0; range < owned.ranges(); range++) {
      run(phase, range);
    }
  }

  private void run(Phase phase, int range) {
    if (owned.begin(range) < owned.end(range)) {
      task.phase = phase;
      task.range = range;
      team.run(task);
    }
  }

  private void trust(TensorRules rules, float learningRate) {
    boolean isGlobal = rules.isGlobal();
    double weights = isGlobal ? blocks.sum(weightSquares) : 0;
    double directions = isGlobal ? blocks.sum(directionSquares) : 0;
    for (int t = 0; t < rates.length; t++) {
      double weight = isGlobal ? weights : blocks.sum(weightSquares, t);
      double direction = isGlobal ? directions : blocks.sum(directionSquares, t);
      rates[t] = rules.rate(t, learningRate, weight, direction, task.denominator);
    }
  }

  private enum Phase {
    CLAMP,
    GRADIENT_SQUARES,
    MEASURE,
    UPDATE,
    UPDATE_TENSORS
  }

  /** One phase over a thread's share of a range. */
  private final class PhaseTask implements Team.Task {
    private Phase phase;
    private int range;
    private TensorRules rules;
    private float[] g;
    private float[][] state;
    private float denominator;
    private float limit;
    private float learningRate;
    private long step;

    @Override
    public void run(int thread) {
      int origin = owned.begin(range);
      int size = owned.end(range) - origin;
      int shares = (size + SHARE - 1) / SHARE;
      int begin = origin + Math.min(size, Share.begin(shares, thread, team.threads()) * SHARE);
      int end = origin + Math.min(size, Share.end(shares, thread, team.threads()) * SHARE);
      int shift = owned.shift(range);
      int first = owned.firstBlock(range);
      int count = owned.endBlock(range) - first;
      int firstBlock = first + Share.begin(count, thread, team.threads());
      int endBlock = first + Share.end(count, thread, team.threads());
      switch (phase) {
        case CLAMP -> kernels.clamp(g, begin, end, limit);
        case GRADIENT_SQUARES -> gradientSquares(firstBlock, endBlock);
        case MEASURE -> measure(firstBlock, endBlock, shift);
        case UPDATE -> {
          if (begin < end) {
            rules.update(
                kernels,
                parameters,
                g,
                state,
                begin,
                end,
                0,
                shift,
                denominator,
                learningRate,
                step);
          }
        }
        case UPDATE_TENSORS -> updateTensors(firstBlock, endBlock, shift);
      }
    }

    private void gradientSquares(int first, int end) {
      for (int block = first; block < end; block++) {
        if (!rules.isFrozen(blocks.tensor(block))) {
          directionSquares[block] = kernels.sumOfSquares(g, blocks.begin(block), blocks.end(block));
        }
      }
    }

    private void measure(int first, int end, int shift) {
      for (int block = first; block < end; block++) {
        int tensor = blocks.tensor(block);
        if (!rules.isFrozen(tensor)) {
          rules
              .layerwise(tensor)
              .measure(
                  kernels,
                  parameters,
                  g,
                  state,
                  blocks.begin(block),
                  blocks.end(block),
                  shift,
                  denominator,
                  step,
                  weightSquares,
                  directionSquares,
                  block);
        }
      }
    }

    /** One call for all blocks of a tensor that this thread has. */
    private void updateTensors(int first, int end, int shift) {
      int block = first;
      while (block < end) {
        int tensor = blocks.tensor(block);
        int last = Math.min(end, blocks.first(tensor + 1)) - 1;
        if (!rules.isFrozen(tensor)) {
          rules
              .layerwise(tensor)
              .update(
                  kernels,
                  parameters,
                  g,
                  state,
                  blocks.begin(block),
                  blocks.end(last),
                  shift,
                  denominator,
                  rates[tensor],
                  step);
        }
        block = last + 1;
      }
    }
  }
}
