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
        .isEqualTo("90f8505c876092a449b7713c1c2849f2d394e1c349b04bed7e79823840dc0e63");
  }

  @Test
  void theOtherLayersGiveTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.gated(), Loss.SOFTMAX_CROSS_ENTROPY))
        .isEqualTo("1df1c5c85497db149c12b1afb9094d035435ae7c7fc97c8ebbf9afad445110e9");
  }

  @Test
  void aResidualNetworkGivesTheSameWeightsEverywhere() {
    assertThat(digest(SmallNetworks.residual(), Loss.SQUARED_ERROR))
        .isEqualTo("ed1490839d7ae0f92970c507d1032d81e945309cd1bec4224c88c3389c1d7d43");
  }
}
