package org.backdraft.plan;

import java.util.List;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterSpec.Role;
import org.backdraft.tensor.ParameterTable;

/**
 * Means and variances of batch normalizations over many batches, as if they were one: of batches of
 * nᵢ examples with means mᵢ and biased variances vᵢ, with n = Σ nᵢ, the mean is {@code m = Σ nᵢ mᵢ
 * / n} and the variance {@code Σ nᵢ (vᵢ + (mᵢ − m)²) / n} (Chan, Golub and LeVeque 1983,
 * <em>Algorithms for computing the sample variance</em>). In double, batch by batch.
 */
public final class PooledStatistics {
  private final List<ParameterTable.Entry> entries;
  private final double[] pooled;
  private final float[] statistics;
  private double examples;

  /**
   * @param buffers of the network
   */
  public PooledStatistics(ParameterTable buffers) {
    entries = buffers.entries();
    for (int i = 0; i < entries.size(); i += 2) {
      Checks.argument(
          entries.get(i).spec().role() == Role.RUNNING_MEAN
              && entries.get(i + 1).spec().role() == Role.RUNNING_VARIANCE,
          "A running variance must follow each running mean: got %s.",
          entries);
    }
    pooled = new double[buffers.size()];
    statistics = new float[buffers.size()];
  }

  /**
   * Adds a whole global batch; see {@link Replica#measure}.
   *
   * @param batch of at least one example
   */
  public void add(Replica replica, Batch batch) {
    replica.measure(batch, statistics);
    double share = batch.size() / (examples + batch.size());
    for (int i = 0; i < entries.size(); i += 2) {
      int mean = entries.get(i).begin();
      int variance = entries.get(i + 1).begin();
      for (int end = entries.get(i).end(); mean < end; mean++, variance++) {
        double distance = statistics[mean] - pooled[mean];
        pooled[mean] += share * distance;
        pooled[variance] +=
            share * (statistics[variance] - pooled[variance] + (1 - share) * distance * distance);
      }
    }
    examples += batch.size();
  }

  /** Puts them in place of the running ones. */
  public void copyTo(float[] buffers) {
    for (int i = 0; i < pooled.length; i++) {
      buffers[i] = (float) pooled[i];
    }
  }
}
