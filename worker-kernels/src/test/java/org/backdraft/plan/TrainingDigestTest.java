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
        .isEqualTo("20fba7485abeb995334d374d42260c19a35cebeb4bdc67bece05c3fed2a401da");
  }

  @Test
  void theOtherLayersGiveTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.gated(), Loss.SOFTMAX_CROSS_ENTROPY))
        .isEqualTo("faf0bcb434f414f5ad100bfbd2e6b2f58248236dadcbeae343a1ee9dbf0944a2");
  }

  @Test
  void anEmbeddingGivesTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.tokens(), Loss.SOFTMAX_CROSS_ENTROPY))
        .isEqualTo("a9574fc8c8aed2a07fa9b2ea46334bd62a11231cc5273ab13f603cbb6cee4bff");
  }

  @Test
  void aResidualNetworkGivesTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.residual(), Loss.SQUARED_ERROR))
        .isEqualTo("28bae84bce89ff3bf73de979b6d1780b5965d09f57f261088acc48f545ecf490");
  }
}
