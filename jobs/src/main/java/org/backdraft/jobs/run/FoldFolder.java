package org.backdraft.jobs.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.output.Json;

/**
 * The folder of a fold in that of a cross-validation.
 *
 * @param directory of the fold
 * @param isResumed whether it has a checkpoint to go on from; else it begins
 * @param result its {@code summary.json}, if it has come to its end
 */
public record FoldFolder(
    RunDirectory directory, boolean isResumed, Optional<Map<String, Object>> result) {
  /**
   * The folder of a cross-validation that begins.
   *
   * @throws ConfigurationException if it holds a run already
   */
  public static FoldFolder beginning(Path path) {
    return new FoldFolder(RunDirectory.at(path), false, Optional.empty());
  }

  /**
   * What an interrupted cross-validation has left of a fold: its result, its checkpoints, or
   * nothing of use.
   */
  public static FoldFolder left(Path path) throws IOException {
    Path summary = path.resolve(RunDirectory.SUMMARY);
    if (Files.isRegularFile(summary)) {
      Map<String, Object> values = Json.map(Files.readString(summary));
      if (TrainingReport.COMPLETED.equals(values.get("status"))) {
        return new FoldFolder(RunDirectory.of(path), false, Optional.of(values));
      }
    }
    if (Files.isRegularFile(path.resolve(RunDirectory.CONFIG))
        && RunDirectory.of(path).hasCheckpoint()) {
      return new FoldFolder(RunDirectory.of(path), true, Optional.empty());
    }
    return new FoldFolder(RunDirectory.anew(path), false, Optional.empty());
  }
}
