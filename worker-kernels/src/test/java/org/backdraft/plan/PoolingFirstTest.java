package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.backdraft.kernel.Window;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Layer;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.nn.PoolingFirst;
import org.backdraft.nn.Sum;
import org.backdraft.optim.Momentum;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PoolingFirstTest {
  /** Does nothing but stand between two nodes. */
  private static final Layer IDENTITY = AveragePool2d.of(1);

  /** Windows that overlap, with padding, so that an element may win several of them. */
  private static Network network(boolean apart) {
    NetworkBuilder builder =
        Network.named("pooled", Shape.of(2, 13, 12))
            .add("conv1", Conv2d.of(9, 3).padding(1))
            .add("relu1", Activation.relu());
    if (apart) {
      builder.add("apart1", IDENTITY);
    }
    builder
        .add("pool1", new MaxPool2d(Window.square(3, 2, 1)))
        .add("conv2", Conv2d.of(20, 3).padding(1))
        .add("relu2", Activation.relu());
    if (apart) {
      builder.add("apart2", IDENTITY);
    }
    return builder
        .add("pool2", MaxPool2d.of(2))
        .add("flat", new Flatten())
        .add("fc", Linear.of(5))
        .build();
  }

  private static List<String> types(Network network) {
    return network.nodes().stream().map(node -> node.layer().getClass().getSimpleName()).toList();
  }

  @Test
  void reluAndMaxPoolingChangePlaces() {
    assertThat(types(PoolingFirst.of(network(false))))
        .containsExactly(
            "Conv2d",
            "MaxPool2d",
            "Activation",
            "Conv2d",
            "MaxPool2d",
            "Activation",
            "Flatten",
            "Linear");
    assertThat(PoolingFirst.of(network(true)).nodes()).isEqualTo(network(true).nodes());
  }

  @Test
  void shapesAndParametersStayWhereTheyAre() {
    for (String name : List.of("lenet5", "vgg11", "alexnet", "googlenet", "resnet18")) {
      Network before = ModelZoo.create(name, ModelZoo.defaultInput(name), 10);
      Network after = PoolingFirst.of(before);
      assertThat(after.output()).isEqualTo(before.output());
      assertThat(after.parameterTable().entries()).isEqualTo(before.parameterTable().entries());
      assertThat(after.nodes()).extracting(Network.Node::name).isSubsetOf(names(before));
    }
  }

  private static List<String> names(Network network) {
    return network.nodes().stream().map(Network.Node::name).toList();
  }

  @Test
  void aReluThatCostsNothingOrIsReadTwiceStays() {
    Network network =
        Network.named("stays", Shape.of(3, 8, 8))
            .add("bn", new BatchNorm2d())
            .add("relu1", Activation.relu())
            .add("pool1", MaxPool2d.of(2))
            .add("conv", Conv2d.of(3, 1))
            .add("relu2", Activation.relu())
            .add("pool2", new MaxPool2d(Window.square(3, 1, 1)))
            .add("sum", new Sum(), "relu2", "pool2")
            .build();
    assertThat(PoolingFirst.of(network)).isSameAs(network);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void eitherOrderLearnsTheSame(int threads) {
    assertThat(trained(network(false), threads)).containsExactly(trained(network(true), 1));
  }

  private static float[] trained(Network network, int threads) {
    int examples = 19;
    try (LocalRun run =
        new LocalRun(network, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(4), 1, threads, examples)) {
      for (int step = 0; step < 4; step++) {
        float[] sum = run.step(examples, step, 1, 0);
        run.update(new Momentum(0.9f, false, 0), sum, 0.05f);
      }
      return run.replica(0).parameters().clone();
    }
  }
}
