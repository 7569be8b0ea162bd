package org.backdraft.jobs.cluster;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The combinations that {@link LeaseIT} leaves out, executors that stand still among them. */
@Tag("full")
final class LeaseFaultsIT {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "KILL, async, driver",
    "KILL, ssp:2, driver",
    "STOP, async, driver",
    "KILL, async, executors",
    "STOP, ssp:2, executors"
  })
  void aLostExecutorIsReplacedWhileTheOtherGoesOn(
      String signal, String consistency, String placement) throws Exception {
    LeaseScenario.loseAnExecutor(folder, 200, signal, consistency, placement);
  }

  @ParameterizedTest
  @CsvSource({"ssp:2, executors, 1", "async, driver, 2"})
  void aKilledDriverIsFollowedByAnother(String consistency, String placement, int workers)
      throws Exception {
    LeaseScenario.loseTheDriver(folder, 20, consistency, placement, workers);
  }
}
