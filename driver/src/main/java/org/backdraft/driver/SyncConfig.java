package org.backdraft.driver;

import static org.backdraft.driver.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.backdraft.driver.sync.SyncSpec;

/**
 * How workers agree on the parameters: the section {@code sync} of {@link TrainingConfig}.
 *
 * @param strategy {@code allreduce}
 * @param timeoutSeconds how long the driver may hear nothing of a worker before it is given up
 * @param stepTimeoutSeconds how long a worker waits for its peers within a step; above the largest
 *     difference between fast and slow workers, compiling of the first step included
 * @param bucketBytes the most gradients that workers send at once, while the backward pass goes on;
 *     0 to send all of them after it
 */
public record SyncConfig(
    @JsonProperty("strategy") String strategy,
    @JsonProperty("timeout-seconds") int timeoutSeconds,
    @JsonProperty("step-timeout-seconds") int stepTimeoutSeconds,
    @JsonProperty("bucket-bytes") int bucketBytes) {
  /** 4 MiB: a network of that size overlaps little, and one of 100 MiB has 25 of them. */
  private static final int DEFAULT_BUCKET_BYTES = 4 << 20;

  public SyncConfig {
    TrainingConfig.requireOneOf("sync.strategy", strategy, List.of("allreduce"));
    require(
        timeoutSeconds >= 1 && timeoutSeconds <= 3600,
        "sync.timeout-seconds must lie in [1, 3600]: got %d.",
        timeoutSeconds);
    require(
        stepTimeoutSeconds >= 1 && stepTimeoutSeconds <= 3600,
        "sync.step-timeout-seconds must lie in [1, 3600]: got %d.",
        stepTimeoutSeconds);
    require(
        bucketBytes >= 0,
        "sync.bucket-bytes must be at least 0: got %d. Set 0 to send all gradients at once.",
        bucketBytes);
  }

  /** Exact all-reduce; a worker that is silent for 10 s is given up. */
  static SyncConfig defaults() {
    return new SyncConfig("allreduce", 10, 60, DEFAULT_BUCKET_BYTES);
  }

  /** What workers need to know of it. */
  SyncSpec spec() {
    return new SyncSpec(SyncSpec.Strategy.ALL_REDUCE, bucketBytes);
  }
}
