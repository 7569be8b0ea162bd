package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.checkpoint.Retention;
import org.backdraft.data.HadoopSettings;
import org.backdraft.driver.sync.StateLayout;
import org.backdraft.driver.worker.Position;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class StoredCheckpointsTest {
  private static final int STATES = 300;

  /** A state takes milliseconds to be written safely, and next to nothing to come. */
  @Test
  @Timeout(60)
  void ofStatesThatComeTooFastTheLastIsKeptAndTheOthersAreTold(@TempDir Path folder)
      throws Exception {
    Network network = TestNets.plain(Shape.of(1, 8, 8), 3);
    CheckpointStore store = CheckpointStore.open(folder.toString(), HadoopSettings.defaults());
    StateLayout layout = new StateLayout(0, 0, 0, 0, 1);
    StoredCheckpoints.Description description =
        new StoredCheckpoints.Description(1, "0", new DataMark(Map.of()), Map.of());
    try (CapturedLog log = new CapturedLog(StoredCheckpoints.class)) {
      try (StoredCheckpoints checkpoints =
          StoredCheckpoints.open(store, network, layout, description, new Retention(1, false))) {
        for (int step = 1; step <= STATES; step++) {
          ProgressCounts counts = new ProgressCounts();
          counts.steps = step;
          checkpoints.save(GangState.empty(network, 0, new Position(0, step), counts), 0);
        }
        assertThat(checkpoints.awaitSaved()).isEmpty();
        assertThat(checkpoints.newest().orElseThrow().position().stepInEpoch()).isEqualTo(STATES);
      }
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(0)).contains("that of epoch 1, step", "checkpoint.every");
      assertThat(log.lines().get(1)).matches("WARN \\d+ checkpoints were left out.*");
    }
  }
}
