package org.backdraft.driver;

import static org.backdraft.driver.ConfigurationException.checked;
import static org.backdraft.driver.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.backdraft.comm.compression.Compression;
import org.backdraft.driver.sync.SyncSpec;

/**
 * How workers agree on the parameters: the section {@code sync} of {@link TrainingConfig}.
 *
 * @param strategy {@code allreduce}
 * @param timeoutSeconds how long the driver may hear nothing of a worker before it is given up
 * @param stepTimeoutSeconds how long a worker waits for its peers within a step; above the largest
 *     difference between fast and slow workers, compiling of the first step included
 * @param compression of gradients: {@code none}, {@code fp16}, {@code bf16}, {@code int8}, {@code
 *     topk:FRACTION} or {@code onebit}
 * @param averageEvery local SGD: workers update by their own gradients and average their parameters
 *     after so many steps, and at each epoch's end; 1 for an update by all gradients at each step
 * @param averageOptimizer whether the optimizer's state is averaged with them; else each worker
 *     keeps its own
 */
public record SyncConfig(
    @JsonProperty("strategy") String strategy,
    @JsonProperty("timeout-seconds") int timeoutSeconds,
    @JsonProperty("step-timeout-seconds") int stepTimeoutSeconds,
    @JsonProperty("compression") String compression,
    @JsonProperty("average-every") int averageEvery,
    @JsonProperty("average-optimizer") boolean averageOptimizer) {
  /** So often at least; a run tells of its steps when it averages. */
  private static final int MOST_STEPS = 10_000;

  private static final String ALL_REDUCE = "allreduce";

  public SyncConfig {
    TrainingConfig.requireOneOf("sync.strategy", strategy, List.of(ALL_REDUCE));
    require(
        timeoutSeconds >= 1 && timeoutSeconds <= 3600,
        "sync.timeout-seconds must lie in [1, 3600]: got %d.",
        timeoutSeconds);
    require(
        stepTimeoutSeconds >= 1 && stepTimeoutSeconds <= 3600,
        "sync.step-timeout-seconds must lie in [1, 3600]: got %d.",
        stepTimeoutSeconds);
    require(compression != null, "sync.compression must be given; none is the default.");
    boolean compresses = !compression(compression).isNone();
    require(
        averageEvery >= 1 && averageEvery <= MOST_STEPS,
        "sync.average-every must lie in [1, %d]: got %d.",
        MOST_STEPS,
        averageEvery);
    require(
        !compresses || strategy.equals(ALL_REDUCE),
        "sync.compression needs sync.strategy=allreduce: got %s with %s. Set"
            + " sync.compression=none.",
        compression,
        strategy);
    require(
        averageEvery == 1 || strategy.equals(ALL_REDUCE),
        "sync.average-every needs sync.strategy=allreduce: got %d with %s. Set"
            + " sync.average-every=1.",
        averageEvery,
        strategy);
    require(
        averageEvery == 1 || !compresses,
        "sync.average-every exchanges parameters, which must keep their bits: got %d with"
            + " sync.compression=%s. Set sync.compression=none or sync.average-every=1.",
        averageEvery,
        compression);
    require(
        averageEvery > 1 || !averageOptimizer,
        "sync.average-optimizer needs sync.average-every above 1: with 1 there is one state only.");
  }

  private static Compression compression(String text) {
    return checked(() -> Compression.parse("sync.compression", text));
  }

  /** Exact all-reduce; a worker that is silent for 10 s is given up. */
  static SyncConfig defaults() {
    return new SyncConfig(ALL_REDUCE, 10, 60, "none", 1, false);
  }

  /**
   * Whether the result is the same, bit for bit, for any number of workers: neither compressed nor
   * averaged.
   */
  public boolean isExact() {
    return compression(compression).isNone() && averageEvery == 1;
  }

  /** What workers need to know of it. */
  SyncSpec spec() {
    return new SyncSpec(
        averageEvery == 1 ? SyncSpec.Strategy.ALL_REDUCE : SyncSpec.Strategy.LOCAL_SGD,
        compression(compression),
        averageEvery,
        averageOptimizer);
  }
}
