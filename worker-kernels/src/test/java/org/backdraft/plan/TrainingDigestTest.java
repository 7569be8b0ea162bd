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
        .isEqualTo("73ed40f7d26ded3f5f5b7194e180b84033cb2ea4c57833635f3ecdcc673e5441");
  }

  @Test
  void theOtherLayersGiveTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.gated(), Loss.SOFTMAX_CROSS_ENTROPY))
        .isEqualTo("5d75c2d0c12f7591a5fad5d8be49b3fd8b8367f478971e98c65ca4fccd1ad1e1");
  }

  @Test
  void aResidualNetworkGivesTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.residual(), Loss.SQUARED_ERROR))
        .isEqualTo("ae43972418bf71f234683a3ce6f46cf24ff1a01bd08e6f30969a502c6065ffdd");
  }
}
