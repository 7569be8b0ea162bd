package org.backdraft.driver.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.comm.transport.Message;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.metric.Metric;
import org.backdraft.tensor.Checks;

/**
 * Results of an evaluation, leaf by leaf: losses are chained in double inside a leaf and added over
 * the fixed tree, so the total has the same bits however leaves are spread over workers.
 */
public final class LeafScores {
  private static final int ENTRY_BYTES = 2 * Double.BYTES + 3 * Long.BYTES + 2 * Integer.BYTES;
  private static final int MOST_NUMBERS = 1024;

  private final LeafRange range;
  private final double[] lossSums;
  private final double[] denominators;
  private final long[] labels;
  private final long[] hits;
  private final long[] top5Hits;
  private final int[] examples;

  /** What a metric adds up, leaf by leaf; empty where there is none. */
  private final double[][] numbers;

  /**
   * The sums over a whole set.
   *
   * @param denominator what the sum of losses is divided by
   * @param labels that are not ignored: as many as examples, or as their pixels
   * @param numbers what a metric has added up
   */
  public record Total(
      double lossSum,
      double denominator,
      long labels,
      long hits,
      long top5Hits,
      long examples,
      List<Double> numbers) {
    /** Of nothing. */
    public static final Total NONE = new Total(0, 0, 0, 0, 0, 0, List.of());

    public Total {
      numbers = List.copyOf(numbers);
    }

    public double loss() {
      return lossSum / denominator;
    }

    /** 0 where there are no labels. */
    public double accuracy() {
      return labels == 0 ? 0 : (double) hits / labels;
    }

    /** 0 where there are no labels. */
    public double top5() {
      return labels == 0 ? 0 : (double) top5Hits / labels;
    }

    /** What a metric works out of its sums. */
    public Map<String, Double> metrics(Metric metric) {
      return metric.of(numbers.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }

  /** Zero for all leaves of {@code range}. */
  public LeafScores(LeafRange range) {
    this.range = range;
    lossSums = new double[range.size()];
    denominators = new double[range.size()];
    labels = new long[range.size()];
    hits = new long[range.size()];
    top5Hits = new long[range.size()];
    examples = new int[range.size()];
    numbers = new double[range.size()][0];
  }

  public LeafRange range() {
    return range;
  }

  /**
   * Adds one example to its leaf; call in order of the examples.
   *
   * @param loss of all its labels, and the next what that is divided by
   * @param labelRanks for each label how many outputs are larger than the label's; negative for a
   *     label that is ignored
   * @param begin the example's first label
   * @param end one past its last label
   */
  public void add(int leaf, float loss, float denominator, int[] labelRanks, int begin, int end) {
    int i = leaf - range.begin();
    lossSums[i] += loss;
    denominators[i] += denominator;
    for (int at = begin; at < end; at++) {
      int rank = labelRanks[at];
      labels[i] += rank >= 0 ? 1 : 0;
      hits[i] += rank == 0 ? 1 : 0;
      top5Hits[i] += rank >= 0 && rank < 5 ? 1 : 0;
    }
    examples[i]++;
  }

  /** The sums of a leaf for a metric to add to, call in order of the examples. */
  public double[] numbers(int leaf, int count) {
    int i = leaf - range.begin();
    if (numbers[i].length == 0) {
      numbers[i] = new double[count];
    }
    return numbers[i];
  }

  /** Copies the leaves of {@code part}, which lie in this range. */
  public void set(LeafScores part) {
    int at = part.range.begin() - range.begin();
    System.arraycopy(part.lossSums, 0, lossSums, at, part.range.size());
    System.arraycopy(part.denominators, 0, denominators, at, part.range.size());
    System.arraycopy(part.labels, 0, labels, at, part.range.size());
    System.arraycopy(part.hits, 0, hits, at, part.range.size());
    System.arraycopy(part.top5Hits, 0, top5Hits, at, part.range.size());
    System.arraycopy(part.examples, 0, examples, at, part.range.size());
    System.arraycopy(part.numbers, 0, numbers, at, part.range.size());
  }

  /** The sums over all leaves, for a range that holds them all. */
  public Total total(Leaves leaves) {
    Checks.state(
        range.begin() == 0 && range.end() == leaves.count(),
        "A total needs all %d leaves: got %s.",
        leaves.count(),
        range);
    long counted = 0;
    for (int each : examples) {
      counted += each;
    }
    return new Total(
        treeSum(lossSums),
        treeSum(denominators),
        sum(labels),
        sum(hits),
        sum(top5Hits),
        counted,
        numberSums());
  }

  /** Each number's sum; leaves without examples have none, and count as 0. */
  private List<Double> numberSums() {
    int count = 0;
    for (double[] each : numbers) {
      count = Math.max(count, each.length);
    }
    List<Double> sums = new ArrayList<>();
    double[] leaves = new double[numbers.length];
    for (int k = 0; k < count; k++) {
      for (int i = 0; i < leaves.length; i++) {
        leaves[i] = k < numbers[i].length ? numbers[i][k] : 0;
      }
      sums.add(treeSum(leaves));
    }
    return sums;
  }

  private static double treeSum(double[] leaves) {
    double[] sums = leaves.clone();
    for (int half = 1; half < sums.length; half *= 2) {
      for (int i = 0; i < sums.length; i += 2 * half) {
        sums[i] += sums[i + half];
      }
    }
    return sums[0];
  }

  Message toMessage(int epoch, long step) {
    int bytes = 16 + range.size() * ENTRY_BYTES;
    for (double[] each : numbers) {
      bytes += each.length * Double.BYTES;
    }
    PayloadWriter out = new PayloadWriter(bytes);
    out.putInt(epoch).putInt(range.begin()).putInt(range.size());
    for (int i = 0; i < range.size(); i++) {
      out.putDouble(lossSums[i])
          .putDouble(denominators[i])
          .putLong(labels[i])
          .putLong(hits[i])
          .putLong(top5Hits[i])
          .putInt(examples[i])
          .putInt(numbers[i].length);
      for (double number : numbers[i]) {
        out.putDouble(number);
      }
    }
    return out.message(MessageKind.SCORES, step);
  }

  /** The epoch of a message of scores. */
  static int epochOf(Message message) throws IOException {
    return new PayloadReader(MessageKind.SCORES, message).readInt("epoch", 0, Integer.MAX_VALUE);
  }

  static LeafScores of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.SCORES, message);
    in.readInt();
    int begin = in.readInt("first leaf", 0, Leaves.MAX);
    int size = in.readInt("leaves", 0, Leaves.MAX - begin);
    LeafScores scores = new LeafScores(new LeafRange(begin, begin + size));
    for (int i = 0; i < size; i++) {
      scores.lossSums[i] = in.readDouble();
      scores.denominators[i] = in.readDouble();
      scores.labels[i] = in.readLong();
      scores.hits[i] = in.readLong();
      scores.top5Hits[i] = in.readLong();
      scores.examples[i] = in.readInt();
      scores.numbers[i] = new double[in.readInt("numbers", 0, MOST_NUMBERS)];
      for (int k = 0; k < scores.numbers[i].length; k++) {
        scores.numbers[i][k] = in.readDouble();
      }
    }
    in.end();
    return scores;
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += value;
    }
    return sum;
  }
}
