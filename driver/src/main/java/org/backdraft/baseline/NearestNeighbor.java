package org.backdraft.baseline;

/**
 * Answers with the class of the training example at the least Euclidean distance, of equally near
 * ones the first (Cover and Hart 1967).
 *
 * <p><b>Cost</b>: at most a multiplication for each feature, example and training example; a
 * distance is given up as soon as it is no longer the least.
 */
final class NearestNeighbor {
  /** Features that are added up before a distance is looked at. */
  private static final int RUN = 64;

  private final LabelledExamples known;

  NearestNeighbor(LabelledExamples known) {
    this.known = known;
  }

  /** The share of examples whose class it finds. */
  double accuracy(LabelledExamples asked) {
    int hits = 0;
    for (int i = 0; i < asked.size(); i++) {
      hits += classOf(asked.inputs(), i * asked.features()) == asked.labels()[i] ? 1 : 0;
    }
    return (double) hits / asked.size();
  }

  private int classOf(float[] inputs, int begin) {
    float least = Float.POSITIVE_INFINITY;
    int label = known.labels()[0];
    for (int i = 0; i < known.size(); i++) {
      float distance = distance(inputs, begin, i * known.features(), least);
      if (distance < least) {
        least = distance;
        label = known.labels()[i];
      }
    }
    return label;
  }

  /** The squared distance, or any number that is not below {@code least}. */
  private float distance(float[] a, int aBegin, int bBegin, float least) {
    float[] b = known.inputs();
    float sum = 0;
    for (int from = 0; from < known.features() && sum < least; from += RUN) {
      int end = Math.min(known.features(), from + RUN);
      float even = 0;
      float odd = 0;
      int i = from;
      for (; i + 1 < end; i += 2) {
        float first = a[aBegin + i] - b[bBegin + i];
        float second = a[aBegin + i + 1] - b[bBegin + i + 1];
        even += first * first;
        odd += second * second;
      }
      if (i < end) {
        float last = a[aBegin + i] - b[bBegin + i];
        even += last * last;
      }
      sum += even + odd;
    }
    return sum;
  }
}
