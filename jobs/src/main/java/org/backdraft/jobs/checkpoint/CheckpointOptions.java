package org.backdraft.jobs.checkpoint;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.backdraft.checkpoint.CheckpointState;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.driver.spark.SparkClusters;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which checkpoints, and how to print: the same for every command on them. */
final class CheckpointOptions {
  @Parameters(
      paramLabel = "RUN",
      description = "A run folder or its checkpoints folder: any path that Hadoop knows.")
  private String run;

  @Option(names = "--json", description = "Print a JSON object.")
  boolean json;

  /** Opens them, with the settings of Hadoop that training would have. */
  CheckpointStore open() throws IOException {
    return CheckpointStore.ofRun(run, new SparkClusters(Optional.empty(), 1).hadoopSettings());
  }

  /** A checkpoint for machines; {@code null} for a metric that was not recorded. */
  static Map<String, Object> map(CheckpointStore.Entry entry) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("step", entry.step());
    values.put("attempt", entry.attempt());
    values.put("bytes", entry.bytes());
    values.put("committed", entry.committed());
    values.put(
        CheckpointState.METRIC, entry.metric().isPresent() ? entry.metric().getAsDouble() : null);
    values.put("path", entry.path());
    return values;
  }
}
