package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.optim.Adam;
import org.backdraft.tensor.WeightsDigest;
import org.junit.jupiter.api.Test;

/**
 * The weights after a short training, as a constant: every JVM, vector width and processor must
 * find the same one. Whoever changes an order of operations on purpose writes the new constant here
 * and says so in the change log, since it changes the weights of every run.
 */
class TrainingDigestTest {
  private static String digest(Network network, Loss loss) {
    try (LocalRun run = new LocalRun(network, loss, new Leaves(4), 1, 2, 19)) {
      for (int step = 0; step < 3; step++) {
        run.update(Adam.standard(), run.step(19, step, 11, step), 0.01f);
      }
      Replica replica = run.replica(0);
      return WeightsDigest.sha256(
          network.parameterTable(), replica.parameters(), network.bufferTable(), replica.buffers());
    }
  }

  @Test
  void everyLayerGivesTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.everything(), Loss.SOFTMAX_CROSS_ENTROPY))
        .isEqualTo("6e3d9e0c325da6e1e4f0603c35a4d1f33909fda17eb6d819d7bdfd7c2365b069");
  }

  @Test
  void theOtherLayersGiveTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.gated(), Loss.SOFTMAX_CROSS_ENTROPY))
        .isEqualTo("5d75c2d0c12f7591a5fad5d8be49b3fd8b8367f478971e98c65ca4fccd1ad1e1");
  }

  @Test
  void aResidualNetworkGivesTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.residual(), Loss.SQUARED_ERROR))
        .isEqualTo("b9ff2c4ee0b004159929d4593c67d3d38b3b0cc09de185f6b70af2d91df8a74a");
  }
}
