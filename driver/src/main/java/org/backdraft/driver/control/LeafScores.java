package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * Results of an evaluation, leaf by leaf: losses are chained in double inside a leaf and added over
 * the fixed tree, so the total has the same bits however leaves are spread over workers.
 */
public final class LeafScores {
  private static final int ENTRY_BYTES = Double.BYTES + 3 * Integer.BYTES;

  private final LeafRange range;
  private final double[] lossSums;
  private final int[] hits;
  private final int[] top5Hits;
  private final int[] examples;

  /** The sums over a whole set. */
  public record Total(double lossSum, long hits, long top5Hits, long examples) {
    public double loss() {
      return lossSum / examples;
    }

    public double accuracy() {
      return (double) hits / examples;
    }

    public double top5() {
      return (double) top5Hits / examples;
    }
  }

  /** Zero for all leaves of {@code range}. */
  public LeafScores(LeafRange range) {
    this.range = range;
    lossSums = new double[range.size()];
    hits = new int[range.size()];
    top5Hits = new int[range.size()];
    examples = new int[range.size()];
  }

  public LeafRange range() {
    return range;
  }

  /**
   * Adds one example to its leaf; call in order of the examples.
   *
   * @param labelRank how many outputs are larger than the label's
   */
  public void add(int leaf, float loss, int labelRank) {
    int i = leaf - range.begin();
    lossSums[i] += loss;
    hits[i] += labelRank == 0 ? 1 : 0;
    top5Hits[i] += labelRank < 5 ? 1 : 0;
    examples[i]++;
  }

  /** Copies the leaves of {@code part}, which lie in this range. */
  public void set(LeafScores part) {
    int at = part.range.begin() - range.begin();
    System.arraycopy(part.lossSums, 0, lossSums, at, part.range.size());
    System.arraycopy(part.hits, 0, hits, at, part.range.size());
    System.arraycopy(part.top5Hits, 0, top5Hits, at, part.range.size());
    System.arraycopy(part.examples, 0, examples, at, part.range.size());
  }

  /** The sums over all leaves, for a range that holds them all. */
  public Total total(Leaves leaves) {
    Checks.state(
        range.begin() == 0 && range.end() == leaves.count(),
        "A total needs all %d leaves: got %s.",
        leaves.count(),
        range);
    double[] sums = lossSums.clone();
    for (int half = 1; half < sums.length; half *= 2) {
      for (int i = 0; i < sums.length; i += 2 * half) {
        sums[i] += sums[i + half];
      }
    }
    return new Total(sums[0], sum(hits), sum(top5Hits), sum(examples));
  }

  Message toMessage(int epoch, long step) {
    PayloadWriter out = new PayloadWriter(16 + range.size() * ENTRY_BYTES);
    out.putInt(epoch).putInt(range.begin()).putInt(range.size());
    for (int i = 0; i < range.size(); i++) {
      out.putDouble(lossSums[i]).putInt(hits[i]).putInt(top5Hits[i]).putInt(examples[i]);
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
      scores.hits[i] = in.readInt();
      scores.top5Hits[i] = in.readInt();
      scores.examples[i] = in.readInt();
    }
    in.end();
    return scores;
  }

  private static long sum(int[] values) {
    long sum = 0;
    for (int value : values) {
      sum += value;
    }
    return sum;
  }
}
