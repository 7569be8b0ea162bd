package org.backdraft.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Network;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;

/**
 * A case as a network with its parameters and its examples.
 *
 * @param network what the operator becomes; its output may be an image
 * @param parameters and buffers by name, in logical order
 * @param examples how many there are
 * @param inputs all examples, in logical order
 * @param training whether a training step is run instead of an evaluation
 */
record OnnxRun(
    Network network,
    Map<String, float[]> parameters,
    int examples,
    float[] inputs,
    boolean training) {
  OnnxRun(Network network, int examples, float[] inputs) {
    this(network, Map.of(), examples, inputs, false);
  }

  /**
   * The network's outputs of all examples in logical order.
   *
   * @param labels a class for each example
   * @param losses written: the loss of each example
   */
  float[] outputs(Kernels kernels, int[] labels, float[] losses) {
    Network whole = flattened();
    Leaves leaves = new Leaves(1);
    Plan.Request request =
        new Plan.Request(
            whole, Loss.SOFTMAX_CROSS_ENTROPY, leaves, leaves.rangeOf(0, 1), examples, 1, 0);
    try (Replica replica = new Replica(Plan.compile(request, kernels))) {
      Initializer.ZERO.initialize(whole.bufferTable(), replica.buffers(), 0);
      copy(whole.parameterTable(), replica.parameters());
      copy(whole.bufferTable(), replica.buffers());
      Batch batch = batch(labels);
      if (training) {
        replica.trainStep(batch, 0, 0);
      } else {
        replica.evaluate(batch, losses, new float[examples], new int[examples]);
      }
      int size = whole.output().elements();
      float[] one = new float[size];
      float[] all = new float[examples * size];
      for (int e = 0; e < examples; e++) {
        replica.output(e, one);
        System.arraycopy(one, 0, all, e * size, size);
      }
      return all;
    }
  }

  /** The network with a flatten layer behind it, since a network's output is a vector. */
  private Network flattened() {
    var builder = Network.named(network.name(), network.input());
    for (Network.Node node : network.nodes()) {
      builder.add(node.name(), node.layer(), node.inputs().toArray(String[]::new));
    }
    return builder.add("flattened", new Flatten()).build();
  }

  private void copy(ParameterTable table, float[] to) {
    List<String> missing = new ArrayList<>();
    for (ParameterTable.Entry entry : table.entries()) {
      float[] values = parameters.get(entry.name());
      if (values == null || values.length != entry.length()) {
        missing.add(entry.name());
        continue;
      }
      System.arraycopy(values, 0, to, entry.begin(), values.length);
    }
    if (!missing.isEmpty()) {
      throw new AssertionError("No values, or too many, for " + missing);
    }
  }

  private Batch batch(int[] labels) {
    Shape shape = network.input();
    ActivationLayout layout = ActivationLayout.dense(shape);
    Batch batch = new Batch(layout, examples);
    batch.reset(examples, examples);
    int size = shape.elements();
    for (int e = 0; e < examples; e++) {
      for (int c = 0; c < layout.channels(); c++) {
        for (int pixel = 0; pixel < layout.pixels(); pixel++) {
          batch.inputs()[e * size + pixel * layout.channels() + c] =
              inputs[e * size + c * layout.pixels() + pixel];
        }
      }
      batch.labels()[e] = labels[e];
    }
    return batch;
  }
}
