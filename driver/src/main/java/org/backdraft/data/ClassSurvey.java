package org.backdraft.data;

import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.backdraft.baseline.LabelledExamples;
import org.backdraft.baseline.NumberedExamples;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;

/**
 * A look at a set with classes: how often each is, and some of the records. Parts of a set add up,
 * in any order. The record does not copy its array.
 *
 * @param counts by class
 * @param picked records, encoded
 */
public record ClassSurvey(long[] counts, List<RecordBlock> picked) implements Serializable {
  private static final long serialVersionUID = 1L;

  public ClassSurvey {
    picked = List.copyOf(picked);
  }

  /**
   * So many ids of a set, spread evenly over it: a function of both numbers alone, in rising order.
   *
   * @param most how many; all where there are no more
   */
  public static int[] spread(int examples, int most) {
    int[] ids = new int[Math.min(examples, most)];
    if (ids.length == examples) {
      Arrays.setAll(ids, i -> i);
      return ids;
    }
    if (most == 0) {
      return ids;
    }
    Strata strata = new Strata(examples, ids.length);
    Arrays.setAll(ids, strata::heldOutId);
    return ids;
  }

  /**
   * Of one block.
   *
   * @param classes of the set
   * @param ids that are picked, in rising order
   */
  public static ClassSurvey of(RecordBlock block, int classes, int[] ids) {
    long[] counts = new long[classes];
    for (int label : block.labels()) {
      counts[label]++;
    }
    int found = Arrays.binarySearch(ids, (int) block.firstExample());
    int from = found >= 0 ? found : -found - 1;
    List<RecordBlock> picked = new ArrayList<>();
    for (int i = from; i < ids.length && ids[i] < block.firstExample() + block.size(); i++) {
      picked.add(record(block, (int) (ids[i] - block.firstExample())));
    }
    return new ClassSurvey(counts, picked);
  }

  private static RecordBlock record(RecordBlock block, int record) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int begin = block.offsets()[record];
    int length = block.offsets()[record + 1] - begin;
    bytes.write(block.bytes(), begin, length);
    return new RecordBlock(
        block.firstExample() + record,
        new int[] {block.labels()[record]},
        new int[] {0, length},
        bytes.toByteArray());
  }

  /** Of both parts of a set. */
  public ClassSurvey plus(ClassSurvey other) {
    long[] sums = counts.clone();
    Arrays.setAll(sums, c -> sums[c] + other.counts[c]);
    List<RecordBlock> both = new ArrayList<>(picked);
    both.addAll(other.picked);
    return new ClassSurvey(sums, both);
  }

  /**
   * The records as evaluations see them, in the order of their ids.
   *
   * @throws DataException if a record cannot be read
   */
  public LabelledExamples examples(Decoder decoder, Kernels kernels) throws DataException {
    int[] labels = new int[picked.size()];
    float[] inputs = read(decoder, kernels, (place, one) -> labels[place] = one.labels()[0]);
    return new LabelledExamples(inputs, features(decoder), labels);
  }

  /**
   * Likewise with the numbers that are to be predicted.
   *
   * @throws DataException if a record cannot be read
   */
  public NumberedExamples numbers(Decoder decoder, Kernels kernels) throws DataException {
    int outputs = decoder.format().targets();
    float[] targets = new float[picked.size() * outputs];
    float[] inputs =
        read(
            decoder,
            kernels,
            (place, one) -> System.arraycopy(one.targets(), 0, targets, place * outputs, outputs));
    return new NumberedExamples(inputs, features(decoder), targets, outputs);
  }

  private static int features(Decoder decoder) {
    return ActivationLayout.dense(decoder.shape()).size();
  }

  /** Takes what is to be said of an example. */
  private interface Answers {
    void take(int place, Batch one);
  }

  /** The inputs of all picked records. */
  private float[] read(Decoder decoder, Kernels kernels, Answers answers) throws DataException {
    List<RecordBlock> ordered = new ArrayList<>(picked);
    ordered.sort(Comparator.comparingLong(RecordBlock::firstExample));
    ActivationLayout layout = ActivationLayout.dense(decoder.shape());
    RecordReader reader = decoder.reader(kernels, layout);
    Batch one = decoder.newBatch(layout, 1);
    float[] inputs = new float[ordered.size() * layout.size()];
    for (int i = 0; i < ordered.size(); i++) {
      reader.read(ordered.get(i), 0, RecordReader.UNCHANGED, one, 0);
      System.arraycopy(one.inputs(), 0, inputs, i * layout.size(), layout.size());
      answers.take(i, one);
    }
    return inputs;
  }
}
