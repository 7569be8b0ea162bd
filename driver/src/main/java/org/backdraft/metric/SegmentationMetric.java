package org.backdraft.metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.kernel.LossKernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Of networks that give each pixel a class: {@code pixel_error}, the share of pixels whose largest
 * output is another class's; {@code rand}, the mean over images (or tiles) of the {@link RandScore}
 * of the connected components of classes above 0. Beside them what naive answers get: {@code
 * baseline_pixel_error} that of the most frequent class everywhere, {@code baseline_rand} that of
 * one segment that is everything.
 *
 * @param classes at least 2
 * @param ignored a label that counts for nothing
 */
public record SegmentationMetric(int classes, int ignored) implements Metric {
  private static final long serialVersionUID = 1L;
  private static final int PIXELS = 0;
  private static final int WRONG = 1;
  private static final int IMAGES = 2;
  private static final int RAND = 3;
  private static final int NAIVE_RAND = 4;
  private static final int OF_CLASS = 5;

  public SegmentationMetric {
    Checks.argument(classes >= 2, "A segmentation needs at least 2 classes: got %d.", classes);
  }

  @Override
  public int sums() {
    return OF_CLASS + classes;
  }

  @Override
  public List<String> names() {
    return List.of("pixel_error", "baseline_pixel_error", "rand", "baseline_rand");
  }

  @Override
  public Scorer scorer(Shape output, LossKernels kernels) {
    return new Pixels(output.dim(1), output.dim(2), output.dim(0));
  }

  private final class Pixels implements Scorer {
    private final int pixels;
    private final int outputs;
    private final Components components;
    private final RandScore rand;
    private final int[] answer;
    private final int[] truth;
    private final int[] segments;
    private final int[] trueSegments;

    Pixels(int height, int width, int outputs) {
      pixels = height * width;
      this.outputs = outputs;
      components = new Components(height, width);
      rand = new RandScore(pixels);
      answer = new int[pixels];
      truth = new int[pixels];
      segments = new int[pixels];
      trueSegments = new int[pixels];
    }

    @Override
    public void add(float[] output, Batch batch, int example, double[] sums) {
      for (int at = 0; at < pixels; at++) {
        int label = batch.labels()[example * pixels + at];
        truth[at] = label == ignored ? 0 : label;
        answer[at] = largest(output, at * outputs);
        if (label != ignored) {
          sums[PIXELS]++;
          sums[WRONG] += answer[at] == label ? 0 : 1;
          sums[OF_CLASS + label]++;
        }
      }
      components.find(truth, trueSegments);
      components.find(answer, segments);
      double score = rand.of(segments, trueSegments);
      if (!Double.isNaN(score)) {
        sums[IMAGES]++;
        sums[RAND] += score;
        sums[NAIVE_RAND] += rand.of(null, trueSegments);
      }
    }

    private int largest(float[] output, int base) {
      int best = 0;
      for (int c = 1; c < outputs; c++) {
        if (output[base + c] > output[base + best]) {
          best = c;
        }
      }
      return best;
    }
  }

  @Override
  public Map<String, Double> of(double[] sums) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    double most = 0;
    for (int c = 0; c < classes; c++) {
      most = Math.max(most, sums[OF_CLASS + c]);
    }
    if (sums[PIXELS] > 0) {
      numbers.put("pixel_error", sums[WRONG] / sums[PIXELS]);
      numbers.put("baseline_pixel_error", 1 - most / sums[PIXELS]);
    }
    if (sums[IMAGES] > 0) {
      numbers.put("rand", sums[RAND] / sums[IMAGES]);
      numbers.put("baseline_rand", sums[NAIVE_RAND] / sums[IMAGES]);
    }
    return numbers;
  }
}
