package org.backdraft.metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.kernel.LossKernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Of networks whose outputs are compared with numbers: {@code mse} and {@code mae}, the means of
 * squared and absolute differences over all outputs, and {@code baseline_mse}, the squared error of
 * the naive answer: of each output the mean of its targets in the set.
 *
 * @param targets of an example that are compared, at least 1
 * @param firstTarget the first of them among all of an example
 * @param firstOutput the output that it is compared with
 */
public record RegressionMetric(int targets, int firstTarget, int firstOutput) implements Metric {
  private static final long serialVersionUID = 1L;
  private static final int EXAMPLES = 0;
  private static final int SQUARES = 1;
  private static final int ABSOLUTES = 2;
  private static final int OF_TARGET = 3;

  public RegressionMetric {
    Checks.argument(targets >= 1, "A regression needs at least 1 target: got %d.", targets);
  }

  /** Of all targets and outputs. */
  public RegressionMetric(int targets) {
    this(targets, 0, 0);
  }

  @Override
  public int sums() {
    return OF_TARGET + 2 * targets;
  }

  @Override
  public List<String> names() {
    return List.of("mse", "mae", "baseline_mse");
  }

  @Override
  public Scorer scorer(Shape output, LossKernels kernels) {
    return (values, batch, example, sums) -> add(values, batch, example, sums, 0);
  }

  /** Adds one example to the sums from {@code base} on. */
  void add(float[] values, Batch batch, int example, double[] sums, int base) {
    int at = example * batch.targetsPerExample() + firstTarget;
    sums[base + EXAMPLES]++;
    for (int i = 0; i < targets; i++) {
      double target = batch.targets()[at + i];
      double difference = values[firstOutput + i] - target;
      sums[base + SQUARES] += difference * difference;
      sums[base + ABSOLUTES] += Math.abs(difference);
      sums[base + OF_TARGET + 2 * i] += target;
      sums[base + OF_TARGET + 2 * i + 1] += target * target;
    }
  }

  @Override
  public Map<String, Double> of(double[] sums) {
    return sums.length == 0 ? new LinkedHashMap<>() : of(sums, 0);
  }

  /** The numbers of the sums from {@code base} on. */
  Map<String, Double> of(double[] sums, int base) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    if (sums[base + EXAMPLES] == 0) {
      return numbers;
    }
    double examples = sums[base + EXAMPLES];
    double spread = 0;
    for (int i = 0; i < targets; i++) {
      double mean = sums[base + OF_TARGET + 2 * i] / examples;
      spread += Math.max(0, sums[base + OF_TARGET + 2 * i + 1] / examples - mean * mean);
    }
    numbers.put("mse", sums[base + SQUARES] / (examples * targets));
    numbers.put("mae", sums[base + ABSOLUTES] / (examples * targets));
    numbers.put("baseline_mse", spread / targets);
    return numbers;
  }
}
