package org.backdraft.metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Of networks whose outputs are compared with numbers: {@code mse} and {@code mae}, the means of
 * squared and absolute differences over all outputs, and {@code baseline_mse}, the squared error of
 * the naive answer: of each output the mean of its targets in the set.
 *
 * @param targets of an example, at least 1
 */
public record RegressionMetric(int targets) implements Metric {
  private static final long serialVersionUID = 1L;
  private static final int EXAMPLES = 0;
  private static final int SQUARES = 1;
  private static final int ABSOLUTES = 2;
  private static final int OF_TARGET = 3;

  public RegressionMetric {
    Checks.argument(targets >= 1, "A regression needs at least 1 target: got %d.", targets);
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
  public Scorer scorer(Shape output) {
    return (values, batch, example, sums) -> {
      sums[EXAMPLES]++;
      for (int i = 0; i < targets; i++) {
        double target = batch.targets()[example * targets + i];
        double difference = values[i] - target;
        sums[SQUARES] += difference * difference;
        sums[ABSOLUTES] += Math.abs(difference);
        sums[OF_TARGET + 2 * i] += target;
        sums[OF_TARGET + 2 * i + 1] += target * target;
      }
    };
  }

  @Override
  public Map<String, Double> of(double[] sums) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    if (sums.length == 0 || sums[EXAMPLES] == 0) {
      return numbers;
    }
    double examples = sums[EXAMPLES];
    double spread = 0;
    for (int i = 0; i < targets; i++) {
      double mean = sums[OF_TARGET + 2 * i] / examples;
      spread += Math.max(0, sums[OF_TARGET + 2 * i + 1] / examples - mean * mean);
    }
    numbers.put("mse", sums[SQUARES] / (examples * targets));
    numbers.put("mae", sums[ABSOLUTES] / (examples * targets));
    numbers.put("baseline_mse", spread / targets);
    return numbers;
  }
}
