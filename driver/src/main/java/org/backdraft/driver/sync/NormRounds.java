package org.backdraft.driver.sync;

import java.util.List;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.TensorRules;
import org.backdraft.ps.BlockOptimizer;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterTable;

/**
 * What an update must know of whole tensors, as rounds of a {@link BlockOptimizer}: first, with
 * {@code train.clip}, the square of the gradient's norm; then, with LARS and LAMB, the squares of
 * the norms of each tensor and of its direction. A block contributes the sums of its {@link
 * ParameterBlocks}, and {@link #combine} adds them over the tree that all-reduce adds them over.
 *
 * <p>Immutable and thread-safe.
 */
final class NormRounds {
  private final UpdateKernels kernels;
  private final Clipping clipping;
  private final ParameterBlocks blocks;
  private final TensorRules rules;

  NormRounds(UpdateKernels kernels, ParameterTable table, Clipping clipping, TensorRules rules) {
    this.kernels = kernels;
    this.clipping = clipping;
    this.rules = rules;
    blocks = new ParameterBlocks(table);
  }

  int count() {
    return clipRounds() + (rules.isLayerwise() ? 1 : 0);
  }

  private int clipRounds() {
    return clipping.norm() > 0 ? 1 : 0;
  }

  /** How many numbers a parameter block contributes to a round. */
  private int width(int round) {
    return round < clipRounds() ? 1 : 2;
  }

  /** What elements {@code [begin, end)} of the table contribute where a step counts for nothing. */
  double[] nothing(int round, int begin, int end) {
    return new double[(blocks.at(end) - blocks.at(begin)) * width(round)];
  }

  /**
   * What a block contributes.
   *
   * @param end one past its last parameter
   * @param divisor of the sums
   */
  double[] measure(int round, BlockOptimizer.Block block, int end, float divisor, long update) {
    int base = block.tableBegin();
    int first = blocks.at(base);
    int count = blocks.at(base + end) - first;
    double[] measures = new double[count * width(round)];
    if (round < clipRounds()) {
      for (int i = 0; i < count; i++) {
        if (!rules.isFrozen(blocks.tensor(first + i))) {
          measures[i] =
              kernels.sumOfSquares(
                  block.sums(), blocks.begin(first + i) - base, blocks.end(first + i) - base);
        }
      }
      return measures;
    }
    float denominator = denominator(block.known(), divisor);
    double[] weights = new double[count];
    double[] directions = new double[count];
    for (int i = 0; i < count; i++) {
      int tensor = blocks.tensor(first + i);
      if (rules.isFrozen(tensor)) {
        continue;
      }
      rules
          .layerwise(tensor)
          .measure(
              kernels,
              block.values(),
              block.sums(),
              block.state(),
              blocks.begin(first + i) - base,
              blocks.end(first + i) - base,
              0,
              denominator,
              update,
              weights,
              directions,
              i);
      measures[2 * i] = weights[i];
      measures[2 * i + 1] = directions[i];
    }
    return measures;
  }

  /**
   * What a round makes known: one number, or two for each tensor.
   *
   * @param measures of all blocks, in order
   */
  double[] combine(int round, double[] measures) {
    Checks.argument(
        measures.length == blocks.count() * width(round),
        "Round %d must get %d numbers of each of %d blocks: got %d.",
        round,
        width(round),
        blocks.count(),
        measures.length);
    if (round < clipRounds()) {
      return new double[] {blocks.sum(measures.clone())};
    }
    double[] weights = new double[blocks.count()];
    double[] directions = new double[blocks.count()];
    for (int block = 0; block < blocks.count(); block++) {
      weights[block] = measures[2 * block];
      directions[block] = measures[2 * block + 1];
    }
    double[] known = new double[2 * blocks.tensors()];
    if (rules.isGlobal()) {
      double weight = blocks.sum(weights);
      double direction = blocks.sum(directions);
      for (int t = 0; t < blocks.tensors(); t++) {
        known[2 * t] = weight;
        known[2 * t + 1] = direction;
      }
      return known;
    }
    for (int t = 0; t < blocks.tensors(); t++) {
      known[2 * t] = blocks.sum(weights, t);
      known[2 * t + 1] = blocks.sum(directions, t);
    }
    return known;
  }

  /**
   * What gradient sums are divided by: the divisor, and the factor of clipping.
   *
   * @param known by round
   */
  float denominator(List<double[]> known, float divisor) {
    return clipRounds() == 0 ? divisor : clipping.denominator(known.get(0)[0], divisor);
  }

  /**
   * The second pass of a layerwise rule over a block, tensor by tensor.
   *
   * @param begin the first element, from the block's begin; where a parameter block begins
   */
  void updateTensors(
      BlockOptimizer.Block block,
      int begin,
      int end,
      float denominator,
      float learningRate,
      long update) {
    int base = block.tableBegin();
    double[] squares = block.known().get(clipRounds());
    int at = blocks.at(base + begin);
    int last = blocks.at(base + end);
    while (at < last) {
      int tensor = blocks.tensor(at);
      int next = Math.min(last, blocks.first(tensor + 1));
      if (!rules.isFrozen(tensor)) {
        float rate =
            rules.rate(
                tensor, learningRate, squares[2 * tensor], squares[2 * tensor + 1], denominator);
        rules
            .layerwise(tensor)
            .update(
                kernels,
                block.values(),
                block.sums(),
                block.state(),
                blocks.begin(at) - base,
                blocks.end(next - 1) - base,
                0,
                denominator,
                rate,
                update);
      }
      at = next;
    }
  }
}
