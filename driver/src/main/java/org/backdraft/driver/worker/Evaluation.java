package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import org.backdraft.data.BatchLoader;
import org.backdraft.driver.control.LeafScores;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.metric.Metric;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.Shape;

/** Evaluates leaves of a set: the set is cut into leaves as one batch would be. */
final class Evaluation {
  private final Replica replica;
  private final BatchLoader loader;
  private final int examples;
  private final Duration timeout;
  private final float[] losses;
  private final float[] denominators;
  private final Metric metric;
  private final Metric.Scorer scorer;
  private final float[] output;
  private int[] labelRanks = {};

  Evaluation(Replica replica, BatchLoader loader, int examples, Metric metric, Duration timeout) {
    this.replica = replica;
    this.loader = loader;
    this.examples = examples;
    this.timeout = timeout;
    int capacity = replica.plan().pieceCapacity();
    losses = new float[capacity];
    denominators = new float[capacity];
    Shape shape = replica.plan().request().network().output();
    this.metric = metric;
    scorer = metric.scorer(shape, replica.plan().kernels().loss());
    output = new float[shape.elements()];
  }

  /** Evaluates the leaves of this rank's plan. */
  LeafScores run() throws IOException, InterruptedException {
    Plan.Request request = replica.plan().request();
    return run(request.leaves(), request.leafRange());
  }

  /** Evaluates the given leaves. */
  LeafScores run(Leaves leaves, LeafRange range) throws IOException, InterruptedException {
    LeafScores scores = new LeafScores(range);
    int end = leaves.begin(range.end(), examples);
    int at = leaves.begin(range.begin(), examples);
    int leaf = range.begin();
    loader.startRange(at, end);
    for (Batch batch = loader.next(timeout); batch != null; batch = loader.next(timeout)) {
      int labels = batch.labelsPerExample();
      if (labelRanks.length < batch.capacity() * labels) {
        labelRanks = new int[batch.capacity() * labels];
      }
      replica.evaluate(batch, losses, denominators, labelRanks);
      for (int i = 0; i < batch.size(); i++, at++) {
        while (at >= leaves.begin(leaf + 1, examples)) {
          leaf++;
        }
        scores.add(leaf, losses[i], denominators[i], labelRanks, i * labels, (i + 1) * labels);
        if (metric.sums() > 0) {
          replica.output(i, output);
          scorer.add(output, batch, i, scores.numbers(leaf, metric.sums()));
        }
      }
      loader.release(batch);
      if (Thread.interrupted()) {
        throw new InterruptedException("Told to stop during an evaluation.");
      }
    }
    if (at != end) {
      throw new IOException(
          "The loader must give all examples up to %d: it ended at %d.".formatted(end, at));
    }
    return scores;
  }
}
