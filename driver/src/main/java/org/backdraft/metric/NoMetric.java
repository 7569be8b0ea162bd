package org.backdraft.metric;

import java.util.List;
import java.util.Map;
import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Shape;

/** Measures nothing. */
record NoMetric() implements Metric {
  private static final long serialVersionUID = 1L;

  @Override
  public int sums() {
    return 0;
  }

  @Override
  public List<String> names() {
    return List.of();
  }

  @Override
  public Scorer scorer(Shape output, LossKernels kernels) {
    return (values, batch, example, sums) -> {};
  }

  @Override
  public Map<String, Double> of(double[] sums) {
    return Map.of();
  }
}
