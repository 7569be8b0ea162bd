package org.backdraft.jobs.lesson;

import org.backdraft.init.Initializer;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Replica;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;

/**
 * Equal layers on top of each other, {@value #WIDTH} units each, and one backward pass through
 * them: how large are outputs and gradients on the way? Inputs are uniform with mean 0 and variance
 * 1.
 */
final class DeepStack implements AutoCloseable {
  static final int WIDTH = 64;
  static final int CLASSES = 10;
  private static final int EXAMPLES = 64;
  private static final long SEED = 1;

  private final Network network;
  private final Replica replica;

  /**
   * Builds the layers {@code fc1} … {@code fcD} with activations behind them, and a linear output
   * {@code out}.
   *
   * @param activation null for none
   */
  DeepStack(int depth, Activation activation) {
    NetworkBuilder builder = Network.named("stack", Shape.of(WIDTH));
    for (int layer = 1; layer <= depth; layer++) {
      builder.add("fc" + layer, Linear.of(WIDTH));
      if (activation != null) {
        builder.add("activation" + layer, activation);
      }
    }
    network = builder.add("out", Linear.of(CLASSES)).build();
    replica = LoneReplica.of(network, EXAMPLES, 0);
  }

  /** The weights, in logical order by the table. */
  float[] parameters() {
    return replica.parameters();
  }

  ParameterTable table() {
    return network.parameterTable();
  }

  /** First weights by the rule, each times a factor. */
  DeepStack initialize(Initializer rule, float factor) {
    rule.initialize(table(), parameters(), SEED);
    for (ParameterTable.Entry entry : table().entries()) {
      for (int i = entry.begin(); i < entry.end(); i++) {
        parameters()[i] *= factor;
      }
    }
    return this;
  }

  /** One pass forward and back. */
  void run() {
    Batch batch = new Batch(ActivationLayout.dense(network.input()), EXAMPLES);
    batch.reset(EXAMPLES, EXAMPLES);
    float root3 = (float) StrictMath.sqrt(3);
    for (int i = 0; i < EXAMPLES * WIDTH; i++) {
      batch.inputs()[i] = root3 * (2 * CounterRandom.uniform(SEED, 1, i) - 1);
    }
    for (int e = 0; e < EXAMPLES; e++) {
      batch.labels()[e] = e % CLASSES;
      batch.exampleIds()[e] = e;
    }
    replica.trainStep(batch, SEED, 0);
  }

  /** The root of the mean square of the outputs. */
  double outputScale() {
    float[] output = new float[CLASSES];
    double squares = 0;
    for (int e = 0; e < EXAMPLES; e++) {
      replica.output(e, output);
      for (float each : output) {
        squares += (double) each * each;
      }
    }
    return StrictMath.sqrt(squares / (EXAMPLES * CLASSES));
  }

  /** The outputs of the first example. */
  float[] firstOutput() {
    float[] output = new float[CLASSES];
    replica.output(0, output);
    return output;
  }

  /** The input of the first example, of the pass that {@link #run} makes. */
  static float[] firstInput() {
    float[] input = new float[WIDTH];
    float root3 = (float) StrictMath.sqrt(3);
    for (int i = 0; i < WIDTH; i++) {
      input[i] = root3 * (2 * CounterRandom.uniform(SEED, 1, i) - 1);
    }
    return input;
  }

  /** The norm of the mean gradient of a layer's weights. */
  double gradientNorm(String layer) {
    ParameterTable.Entry entry = table().entry(layer + ".weight");
    double squares = 0;
    for (int i = entry.begin(); i < entry.end(); i++) {
      double gradient = replica.sums()[0][i] / (double) EXAMPLES;
      squares += gradient * gradient;
    }
    return StrictMath.sqrt(squares);
  }

  @Override
  public void close() {
    replica.close();
  }
}
