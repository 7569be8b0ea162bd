package org.backdraft.driver.worker;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.data.Decoder;
import org.backdraft.init.Initializer;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.metric.Metric;
import org.backdraft.nn.Network;
import org.backdraft.plan.Plan;

/**
 * The network of a gang and how its replicas are planned.
 *
 * @param leaves how batches, and the validation set, are cut
 * @param globalBatch the most examples that all workers take together
 * @param threads of each worker
 * @param optimizerSlots state arrays of the optimiser; 0 for an evaluation and where shards keep
 *     them
 * @param ownedParameters the length of each
 * @param options how batches are computed
 * @param start where the first weights come from
 */
public record ModelSpec(
    Network network,
    Loss loss,
    Leaves leaves,
    int globalBatch,
    int threads,
    int optimizerSlots,
    int ownedParameters,
    Plan.Options options,
    Start start)
    implements Serializable {
  /**
   * @param fromDriver whether the driver sends the weights; else they are drawn
   * @param initializer draws them otherwise
   * @param seed of the drawing
   */
  public record Start(boolean fromDriver, Initializer initializer, long seed)
      implements Serializable {
    /** Draws the weights of {@code network}: the same on every worker. */
    public void draw(Network network, float[] parameters, float[] buffers) {
      drawParameters(network, parameters);
      initializer.initialize(network.bufferTable(), buffers, seed);
    }

    /** Draws the parameters alone. */
    public void drawParameters(Network network, float[] parameters) {
      initializer.initialize(network.parameterTable(), parameters, seed);
    }
  }

  /** The same, starting with other weights. */
  ModelSpec startingFrom(Start other) {
    return new ModelSpec(
        network,
        loss,
        leaves,
        globalBatch,
        threads,
        optimizerSlots,
        ownedParameters,
        options,
        other);
  }

  /** What the plan of one rank is made for. */
  public Plan.Request request(int rank, int worldSize, int examples) {
    LeafRange range = leaves.rangeOf(rank, worldSize);
    int capacity = Math.max(1, capacity(range, Math.min(globalBatch, examples)));
    int last = examples % globalBatch;
    if (last > 0) {
      capacity = Math.max(capacity, capacity(range, last));
    }
    return new Plan.Request(
        network, loss, leaves, range, capacity, threads, optimizerSlots, ownedParameters, options);
  }

  /**
   * What evaluations of it measure.
   *
   * @param decoder of the set
   */
  public Metric metric(Decoder decoder) {
    return Metric.of(loss, decoder.metric());
  }

  /** What the plans of all ranks are made for. */
  public List<Plan.Request> requests(int worldSize, int examples) {
    List<Plan.Request> requests = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      requests.add(request(rank, worldSize, examples));
    }
    return requests;
  }

  private int capacity(LeafRange range, int batch) {
    return leaves.begin(range.end(), batch) - leaves.begin(range.begin(), batch);
  }
}
