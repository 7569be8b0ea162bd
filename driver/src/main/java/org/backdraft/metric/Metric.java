package org.backdraft.metric;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.backdraft.kernel.LossKernels;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Loss;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.Shape;

/**
 * Numbers about a network's outputs over a set, as sums over examples: each worker adds up its
 * leaves, the sums are added in the order of leaves, and what they mean is worked out once. A
 * value.
 */
public interface Metric extends Serializable {
  /** No numbers. */
  Metric NONE = new NoMetric();

  /**
   * What is measured of a network that learns by a loss.
   *
   * @param ofData what the data asks for, where the loss is one
   */
  static Metric of(Loss loss, Metric ofData) {
    return loss instanceof HeadLosses heads ? new HeadsMetric(heads) : ofData;
  }

  /** How many sums there are. */
  int sums();

  /** Adds examples on one thread. */
  interface Scorer {
    /**
     * Adds one example.
     *
     * @param output of the network, pixel by pixel, the values of a pixel beside each other
     * @param example its place in the batch
     * @param sums added to
     */
    void add(float[] output, Batch batch, int example, double[] sums);
  }

  /** The names of the numbers that it can give. */
  List<String> names();

  /**
   * A scorer for one thread.
   *
   * @param output the logical shape of an example's output
   * @param kernels for losses
   */
  Scorer scorer(Shape output, LossKernels kernels);

  /** The numbers by name, of the sums over a whole set, in the order in which they are shown. */
  Map<String, Double> of(double[] sums);
}
