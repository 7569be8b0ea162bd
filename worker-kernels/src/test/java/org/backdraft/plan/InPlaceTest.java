package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Concat;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.nn.Sum;
import org.backdraft.optim.Momentum;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InPlaceTest {
  /**
   * Activations behind every layer that allows for it: one whose output several read, one whose
   * gradient comes from a fused sum.
   *
   * @param apart whether something stands before each that keeps its values
   */
  private static Network network(boolean apart) {
    NetworkBuilder builder = Network.named("rectified", Shape.of(3, 18, 14));
    builder.add("conv1", Conv2d.of(12, 3).padding(1));
    append(builder, "relu1", apart);
    builder
        .add("conv2", Conv2d.of(12, 3).padding(1))
        .add("bn2", new BatchNorm2d())
        .add("sum2", new Sum(), "bn2", "relu1")
        .add("relu2", Activation.relu())
        .add("conv3", Conv2d.of(7, 1));
    append(builder, "relu3", apart);
    builder
        .add("conv4", Conv2d.of(9, 3).padding(1), "relu3")
        .add("conv5", Conv2d.of(9, 3).padding(1), "relu3")
        .add("sum5", new Sum(), "conv4", "conv5");
    append(builder, "relu5", apart);
    builder.add("pool", MaxPool2d.of(2));
    append(builder, "relu6", apart);
    builder.add("mean", AveragePool2d.of(2)).add("both", new Concat(), "mean", "mean");
    append(builder, "relu7", apart);
    builder.add("flat", new Flatten()).add("fc1", Linear.of(40));
    append(builder, "relu8", apart);
    return builder.add("fc2", Linear.of(4)).build();
  }

  private static void append(NetworkBuilder builder, String name, boolean apart) {
    if (apart) {
      builder.add(name + "-apart", new Dropout(0)); // reads its output again
    }
    builder.add(name, Activation.relu());
  }

  @Test
  void overwritesWhatNobodyReadsAgain() {
    Network network = network(false);
    InPlace inPlace = new InPlace(network, FusedNodes.of(network));
    for (String name : new String[] {"relu1", "relu3", "relu5", "relu6", "relu7", "relu8"}) {
      int node = position(network, name);
      assertThat(inPlace.source(node)).as(name).isEqualTo(Optional.of(node - 1));
      // What a fused sum passes on to relu1 is read by the normalization's sums too.
      assertThat(inPlace.sharesGradient(node)).as(name).isEqualTo(!name.equals("relu1"));
    }
    Network apart = network(true);
    InPlace nowhere = new InPlace(apart, FusedNodes.of(apart));
    for (int node = 0; node < apart.nodes().size(); node++) {
      assertThat(nowhere.source(node)).isEmpty();
    }
  }

  @Test
  void leavesAloneWhatOthersRead() {
    Network network =
        Network.named("shared", Shape.of(4))
            .add("fc1", Linear.of(4))
            .add("relu1", Activation.relu())
            .add("sum", new Sum(), "fc1", "relu1")
            .add("tanh", Activation.tanh())
            .add("relu2", Activation.relu())
            .build();
    InPlace inPlace = new InPlace(network, FusedNodes.of(network));
    for (int node = 0; node < network.nodes().size(); node++) {
      assertThat(inPlace.source(node)).isEmpty();
    }
  }

  private static int position(Network network, String name) {
    return network.nodes().stream().map(Network.Node::name).toList().indexOf(name);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void givesTheBitsOfSeparatePlaces(int threads) {
    assertThat(trained(network(false), threads)).containsExactly(trained(network(true), 1));
  }

  private static float[] trained(Network network, int threads) {
    int examples = 19;
    Loss loss = Loss.SOFTMAX_CROSS_ENTROPY;
    try (LocalRun run = new LocalRun(network, loss, new Leaves(4), 1, threads, examples)) {
      for (int step = 0; step < 3; step++) {
        run.update(new Momentum(0.9f, false, 0), run.step(examples, step, 1, 0), 0.05f);
      }
      return run.replica(0).parameters().clone();
    }
  }
}
