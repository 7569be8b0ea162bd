package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs with {@code sync.strategy=parameter-server} beside those of an all-reduce. */
@Timeout(90)
class ParameterServerTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingReport train(TrainingConfig config, NetworkFactory net)
      throws IOException {
    return new TrainingJob(config, net, ThreadCluster.provider(ThreadCluster.WORKER), SILENT).run();
  }

  @ParameterizedTest
  @CsvSource({
    "executors, 1, 0",
    "executors, 2, 0",
    "executors, 3, 0",
    "executors, 4, 0",
    "executors, 4, 2",
    "driver, 1, 0",
    "driver, 2, 0",
    "driver, 3, 2",
    "driver, 4, 3"
  })
  void theWeightsAreThoseOfAnAllReduce(String placement, int workers, int shards)
      throws IOException {
    TrainingReport expected = train(TestConfigs.small(1, 1), TestNets::normalized);
    TrainingReport found =
        train(
            TestConfigs.withParameterServer(TestConfigs.small(workers, 1), placement, shards),
            TestNets::normalized);

    assertThat(found.weightsSha256()).isEqualTo(expected.weightsSha256());
    assertThat(found.validationLoss()).isEqualTo(expected.validationLoss());
    assertThat(found.steps()).isEqualTo(expected.steps());
  }
}
