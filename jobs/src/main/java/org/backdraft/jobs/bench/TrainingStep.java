package org.backdraft.jobs.bench;

import java.util.OptionalInt;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.optim.Optimizer;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.ActivationLayout;

/**
 * A training step of one worker that holds the whole batch, on synthetic data: forward with
 * dropout, softmax cross-entropy, backward, update. Used by one thread.
 */
public final class TrainingStep implements AutoCloseable {
  private static final float LEARNING_RATE = 1e-4f;

  private final Replica replica;
  private final Optimizer optimizer;
  private final Batch batch;
  private final float[][] state;
  private long step;

  /**
   * Allocates and initializes everything.
   *
   * @throws IllegalArgumentException if the batch is too large to be planned
   */
  public TrainingStep(
      Network network,
      int examples,
      int threads,
      Leaves leaves,
      Optimizer optimizer,
      Kernels kernels) {
    this.optimizer = optimizer;
    Plan plan =
        Plan.compile(
            new Plan.Request(
                network,
                Loss.SOFTMAX_CROSS_ENTROPY,
                leaves,
                leaves.rangeOf(0, 1),
                examples,
                threads,
                optimizer.stateSlots()),
            kernels);
    replica = new Replica(plan);
    Initializer.HE.initialize(network.parameterTable(), replica.parameters(), 1);
    Initializer.HE.initialize(network.bufferTable(), replica.buffers(), 1);
    state = new float[optimizer.stateSlots()][network.parameterTable().size()];
    int classes = network.output().dim(0);
    // One label for each pixel of the output; a vector is one pixel.
    int labels = network.output().elements() / classes;
    batch = new Batch(ActivationLayout.dense(network.input()), examples, labels);
    fillBatch(examples, classes, network.inputRows());
  }

  private void fillBatch(int examples, int classes, OptionalInt rows) {
    batch.reset(examples, examples);
    float[] inputs = batch.inputs();
    for (int i = 0; i < inputs.length; i++) {
      float uniform = CounterRandom.uniform(1, 0, i);
      inputs[i] = rows.isPresent() ? (int) (uniform * rows.getAsInt()) : uniform;
    }
    for (int i = 0; i < batch.labels().length; i++) {
      batch.labels()[i] = i % classes;
    }
    for (int i = 0; i < examples; i++) {
      batch.exampleIds()[i] = i;
    }
  }

  /** Takes a step; allocates nothing. */
  public void run() {
    pass();
    update();
  }

  /** Forward and backward pass. */
  void pass() {
    replica.trainStep(batch, 1, step);
  }

  /** Updates all parameters by the sums of the last pass. */
  void update() {
    // One worker holds all leaves: they are one subtree, and its sum is the sum.
    replica.update(optimizer, replica.sums()[0], state, LEARNING_RATE, ++step);
  }

  /**
   * Looks at what the last {@link #run} has left.
   *
   * @throws AssertionError if a layer's output is no longer finite: then the numbers that were
   *     multiplied were not those of a training
   */
  public void check() {
    replica
        .firstNonFiniteLayer()
        .ifPresent(
            layer -> {
              throw new AssertionError("The outputs of '" + layer + "' must stay finite.");
            });
  }

  /** Ends the threads. */
  @Override
  public void close() {
    replica.close();
  }
}
