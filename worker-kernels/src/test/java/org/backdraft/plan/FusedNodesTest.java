package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
import org.backdraft.nn.Sum;
import org.backdraft.optim.Momentum;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FusedNodesTest {
  /** Does nothing but stand between two nodes. */
  private static final Layer IDENTITY = MaxPool2d.of(1);

  /**
   * Residual blocks, one with a shortcut of its own, on images of which a thread takes a few at a
   * time.
   */
  private static Network residual(boolean apart) {
    NetworkBuilder builder =
        Network.named("residual", Shape.of(3, 40, 36))
            .add("conv1", Conv2d.of(20, 3).padding(1).withoutBias());
    append(builder, "bn1", new BatchNorm2d(), apart);
    builder.add("relu1", Activation.relu());
    builder.add("conv2", Conv2d.of(20, 3).padding(1));
    append(builder, "bn2", new BatchNorm2d(), apart);
    builder.add("sum1", new Sum(), "relu1", apart ? "bn2-apart" : "bn2");
    if (apart) {
      builder.add("sum1-apart", IDENTITY);
    }
    builder.add("relu2", Activation.relu());
    builder.add("conv3", Conv2d.of(33, 3).stride(2).padding(1));
    append(builder, "bn3", new BatchNorm2d(), apart);
    builder.add("conv4", Conv2d.of(33, 1).stride(2), "relu2");
    append(builder, "bn4", new BatchNorm2d(), apart);
    builder.add("sum2", new Sum(), apart ? "bn3-apart" : "bn3", apart ? "bn4-apart" : "bn4");
    if (apart) {
      builder.add("sum2-apart", IDENTITY);
    }
    return builder
        .add("relu3", Activation.relu())
        .add("mean", AveragePool2d.global())
        .add("flat", new Flatten())
        .add("fc", Linear.of(4))
        .build();
  }

  private static void append(NetworkBuilder builder, String name, Layer layer, boolean apart) {
    builder.add(name, layer);
    if (apart) {
      builder.add(name + "-apart", IDENTITY);
    }
  }

  @Test
  void batchNormTakesTheSumAndTheReluThatFollowIt() {
    Network network = residual(false);
    assertThat(FusedNodes.of(network))
        .filteredOn(each -> each.last() > each.first())
        .containsExactly(
            new FusedNodes(1, 2, Optional.empty(), true),
            new FusedNodes(4, 6, Optional.of("relu1"), true),
            new FusedNodes(10, 12, Optional.of("bn3"), true));
    assertThat(FusedNodes.of(residual(true)))
        .allMatch(each -> each.last() == each.first(), "nothing to fuse");
  }

  @Test
  void whatOthersReadStaysANodeOfItsOwn() {
    Network network =
        Network.named("shared", Shape.of(3, 4, 4))
            .add("bn", new BatchNorm2d())
            .add("relu", Activation.relu())
            .add("sum", new Sum(), "bn", "relu")
            .add("twice", new Sum(), "sum", "sum")
            .build();
    assertThat(FusedNodes.of(network)).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void fusedNodesGiveTheBitsOfSeparateOnes(int threads) {
    int examples = 19;
    Plan.Options synced = new Plan.Options(1, true);
    for (Plan.Options options : List.of(Plan.Options.DEFAULT, synced)) {
      float[] separate = trained(residual(true), 1, examples, options);
      float[] fused = trained(residual(false), threads, examples, options);
      assertThat(fused).as("%s", options).containsExactly(separate);
    }
  }

  private static float[] trained(Network network, int threads, int examples, Plan.Options options) {
    Loss loss = Loss.SOFTMAX_CROSS_ENTROPY;
    try (LocalRun run = new LocalRun(network, loss, new Leaves(4), 1, threads, examples, options)) {
      for (int step = 0; step < 3; step++) {
        float[] sum = run.step(examples, step, 1, 0);
        run.update(new Momentum(0.9f, false, 0), sum, 0.05f);
      }
      float[] parameters = run.replica(0).parameters();
      float[] buffers = run.replica(0).buffers();
      float[] all = Arrays.copyOf(parameters, parameters.length + buffers.length);
      System.arraycopy(buffers, 0, all, parameters.length, buffers.length);
      return all;
    }
  }

  @Test
  void theExamplesOfResidualNetworksGoThroughSeveralOperationsBeforeThreadsMeet() {
    Network network = ModelZoo.create("resnet20", ModelZoo.defaultInput("resnet20"), 10);
    Leaves leaves = new Leaves(8);
    Plan plan =
        Plan.compile(
            new Plan.Request(
                network, Loss.SOFTMAX_CROSS_ENTROPY, leaves, leaves.rangeOf(0, 1), 128, 2, 1),
            LocalRun.KERNELS);
    List<Schedule.Section> sections = plan.backward();
    assertThat(sections.stream().mapToInt(section -> section.operations().length).max())
        .hasValue(4);
    assertThat(sections).anyMatch(section -> section.examplesAtOnce() < 64);
  }
}
