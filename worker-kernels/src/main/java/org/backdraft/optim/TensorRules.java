package org.backdraft.optim;

import java.util.Arrays;
import java.util.List;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.tensor.ParameterTable;

/**
 * An optimiser for the tensors of a network: the rule of each one, with its own weight decay, what
 * its learning rate is multiplied by, and whether it is frozen. Immutable and thread-safe.
 *
 * <p>A rule that works element by element updates any range at once, {@link #update}, cut where
 * tensors are treated otherwise than their neighbours. A {@linkplain #isLayerwise layerwise} one
 * goes from tensor to tensor.
 */
public final class TensorRules {
  private final Optimizer optimizer;
  private final Optimizer[] rules; // by tensor
  private final float[] rateFactors;
  private final boolean[] isFrozen;
  private final boolean[] isAdapted;

  // Neighbours that are treated alike.
  private final int[] runEnds;
  private final int[] runTensors; // one of them for each run

  /**
   * @throws IllegalArgumentException if the optimiser cannot have the weight decay of a group
   */
  public TensorRules(Optimizer optimizer, ParameterGroups groups, ParameterTable table) {
    this.optimizer = optimizer;
    List<ParameterTable.Entry> entries = table.entries();
    int count = entries.size();
    rules = new Optimizer[count];
    rateFactors = new float[count];
    isFrozen = new boolean[count];
    isAdapted = new boolean[count];
    int[] ends = new int[count];
    int[] tensors = new int[count];
    int runs = 0;
    for (int t = 0; t < count; t++) {
      ParameterTable.Entry entry = entries.get(t);
      isFrozen[t] = groups.isFrozen(entry.name());
      isAdapted[t] =
          isGlobal() || (isLayerwise() && LayerwiseOptimizer.adapts(entry.spec().role()));
      float decay = groups.weightDecay(entry.spec());
      rules[t] = Float.isNaN(decay) ? optimizer : optimizer.withWeightDecay(decay);
      if (isLayerwise() && !isAdapted[t]) {
        rules[t] = optimizer.withWeightDecay(0);
      }
      rateFactors[t] =
          groups.groupOf(entry.name()).map(ParameterGroups.Group::rateFactor).orElse(1f);
      if (runs == 0 || !areAlike(tensors[runs - 1], t)) {
        tensors[runs++] = t;
      }
      ends[runs - 1] = entry.end();
    }
    runEnds = Arrays.copyOf(ends, runs);
    runTensors = Arrays.copyOf(tensors, runs);
  }

  /** All tensors alike. */
  public static TensorRules of(Optimizer optimizer, ParameterTable table) {
    return new TensorRules(optimizer, ParameterGroups.NONE, table);
  }

  private boolean areAlike(int a, int b) {
    return isFrozen[a] == isFrozen[b]
        && rateFactors[a] == rateFactors[b]
        && rules[a].equals(rules[b]);
  }

  /** The optimiser before groups changed it. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /** Whether sums over whole tensors come before an update. */
  public boolean isLayerwise() {
    return optimizer instanceof LayerwiseOptimizer;
  }

  /** Whether those sums are over all tensors. */
  public boolean isGlobal() {
    return optimizer instanceof LayerwiseOptimizer rule && rule.isGlobal();
  }

  /** Whether a tensor keeps its bits. */
  public boolean isFrozen(int tensor) {
    return isFrozen[tensor];
  }

  /**
   * Puts 0 in the place of the gradients of frozen tensors.
   *
   * @param gradient of all parameters, written
   */
  public void clearFrozen(ParameterTable table, float[] gradient) {
    for (int tensor = 0; tensor < isFrozen.length; tensor++) {
      if (isFrozen[tensor]) {
        ParameterTable.Entry entry = table.entries().get(tensor);
        Arrays.fill(gradient, entry.begin(), entry.end(), 0);
      }
    }
  }

  /**
   * The rule of a tensor.
   *
   * @throws ClassCastException if it is not {@linkplain #isLayerwise layerwise}
   */
  public LayerwiseOptimizer layerwise(int tensor) {
    return (LayerwiseOptimizer) rules[tensor];
  }

  /**
   * The learning rate of a tensor.
   *
   * @param learningRate of the step
   */
  public float rate(int tensor, float learningRate) {
    return learningRate * rateFactors[tensor];
  }

  /**
   * Likewise with a layerwise rule, whose arguments are those of {@link
   * LayerwiseOptimizer#trustRatio}.
   */
  public float rate(
      int tensor,
      float learningRate,
      double weightSquares,
      double directionSquares,
      float denominator) {
    float rate = rate(tensor, learningRate);
    return isAdapted[tensor]
        ? layerwise(tensor).rate(rate, weightSquares, directionSquares, denominator)
        : rate;
  }

  /**
   * One update of {@code [begin, end)} by a rule that is not layerwise; arguments as in {@link
   * Optimizer#update}.
   *
   * @param origin the element of the table that lies at index 0 of {@code w} and {@code g}
   */
  public void update(
      UpdateKernels kernels,
      float[] w,
      float[] g,
      float[][] state,
      int begin,
      int end,
      int origin,
      int shift,
      float denominator,
      float learningRate,
      long step) {
    int found = Arrays.binarySearch(runEnds, begin + origin + 1);
    int run = found >= 0 ? found : -found - 1;
    for (int at = begin; at < end; run++) {
      int last = Math.min(end, runEnds[run] - origin);
      int tensor = runTensors[run];
      if (!isFrozen[tensor]) {
        rules[tensor].update(
            kernels, w, g, state, at, last, shift, denominator, rate(tensor, learningRate), step);
      }
      at = last;
    }
  }
}
