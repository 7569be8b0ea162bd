package org.backdraft.kernel;

import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;

/** Trains a small network for some seconds, so that C2 compiles the register tiles in earnest. */
final class SpillProbe {
  /** Begins the line that names the kernels. */
  static final String KERNELS = "kernels: ";

  private static final int EXAMPLES = 16;

  private SpillProbe() {}

  /**
   * @param args the number of seconds
   */
  public static void main(String[] args) {
    Network network =
        Network.named("probe", Shape.of(16, 14, 14))
            .add("conv1", Conv2d.of(64, 3).padding(1))
            .add("relu1", Activation.relu())
            .add("conv2", Conv2d.of(64, 3).padding(1))
            .add("flatten", new Flatten())
            .add("fc1", Linear.of(256))
            .add("fc2", Linear.of(48))
            .build();
    Leaves leaves = new Leaves(1);
    Plan plan =
        Plan.compile(
            new Plan.Request(
                network, Loss.SOFTMAX_CROSS_ENTROPY, leaves, leaves.rangeOf(0, 1), EXAMPLES, 1, 0),
            KernelLookup.choose().kernels());
    // First: later the JVM writes about what it compiles.
    System.out.println(KERNELS + plan.kernels().description());
    long end = System.nanoTime() + Long.parseLong(args[0]) * 1_000_000_000L;
    try (Replica replica = new Replica(plan)) {
      Batch batch = new Batch(ActivationLayout.dense(network.input()), EXAMPLES);
      batch.reset(EXAMPLES, EXAMPLES);
      do {
        replica.trainStep(batch, 1, 0);
      } while (System.nanoTime() < end);
    }
  }
}
