package org.backdraft.driver;

import static org.backdraft.driver.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.driver.sync.ExchangeSpec;
import org.backdraft.driver.sync.SyncSpec;

/**
 * How workers agree on the parameters: the section {@code sync} of {@link TrainingConfig}.
 *
 * @param strategy {@code allreduce}
 * @param algorithm of the sums, by its word, or {@code auto}
 * @param order {@code exact}: the bits do not depend on the number of workers; {@code fast}: they
 *     do
 * @param probe whether {@code auto} measures before the first step
 * @param tls whether connections are encrypted: {@code true}, {@code false}, or {@code auto} to
 *     follow the cluster
 * @param timeoutSeconds how long the driver may hear nothing of a worker before it is given up
 * @param stepTimeoutSeconds how long a worker waits for its peers within a step; above the largest
 *     difference between fast and slow workers, compiling of the first step included
 * @param bucketBytes the most gradients that workers send at once, while the backward pass goes on;
 *     0 to send all of them after it
 */
public record SyncConfig(
    @JsonProperty("strategy") String strategy,
    @JsonProperty("algorithm") String algorithm,
    @JsonProperty("order") String order,
    @JsonProperty("probe") boolean probe,
    @JsonProperty("tls") String tls,
    @JsonProperty("timeout-seconds") int timeoutSeconds,
    @JsonProperty("step-timeout-seconds") int stepTimeoutSeconds,
    @JsonProperty("bucket-bytes") int bucketBytes) {
  /** 4 MiB: a network of that size overlaps little, and one of 100 MiB has 25 of them. */
  private static final int DEFAULT_BUCKET_BYTES = 4 << 20;

  /** The value of {@code algorithm} and {@code tls} that leaves the choice to us. */
  static final String AUTO = "auto";

  private static final String FAST = "fast";

  public SyncConfig {
    TrainingConfig.requireOneOf("sync.strategy", strategy, List.of("allreduce"));
    TrainingConfig.requireOneOf("sync.algorithm", algorithm, algorithms());
    TrainingConfig.requireOneOf("sync.order", order, List.of("exact", FAST));
    TrainingConfig.requireOneOf("sync.tls", tls, List.of(AUTO, "true", "false"));
    require(
        !order.equals(FAST) || algorithm.equals(AUTO),
        "sync.algorithm must be auto with sync.order=fast, which sums in a ring: got %s. Set"
            + " sync.order=exact to use it.",
        algorithm);
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

  /** Exact all-reduce, by a measurement; a worker that is silent for 10 s is given up. */
  static SyncConfig defaults() {
    return new SyncConfig("allreduce", AUTO, "exact", true, AUTO, 10, 60, DEFAULT_BUCKET_BYTES);
  }

  private static List<String> algorithms() {
    List<String> words = new ArrayList<>(List.of(AUTO));
    for (AllReduceAlgorithm each : AllReduceAlgorithm.values()) {
      if (each.isExact()) {
        words.add(each.word());
      }
    }
    return words;
  }

  /** What workers need to know of it. */
  SyncSpec spec() {
    return new SyncSpec(SyncSpec.Strategy.ALL_REDUCE, exchange(), bucketBytes);
  }

  private ExchangeSpec exchange() {
    if (order.equals(FAST)) {
      return new ExchangeSpec.Given(AllReduceAlgorithm.RING, "sync.order=fast");
    }
    Optional<AllReduceAlgorithm> given = AllReduceAlgorithm.named(algorithm);
    if (given.isPresent()) {
      return new ExchangeSpec.Given(given.get(), "sync.algorithm=" + algorithm);
    }
    return probe ? new ExchangeSpec.Measured() : new ExchangeSpec.Usual();
  }

  /**
   * The algorithm that this many workers use, as far as it is known before they have measured.
   *
   * @throws ConfigurationException if the one that is asked for cannot sum over that many
   */
  public AllReduceAlgorithm algorithmFor(int workers) {
    if (!(exchange() instanceof ExchangeSpec.Given given)) {
      return AllReduceAlgorithm.defaultFor(workers);
    }
    refuse(
        given.algorithm().reasonAgainst(workers),
        ", or --workers " + Integer.highestOneBit(workers));
    return given.algorithm();
  }

  /**
   * @param hosts of the ranks
   * @throws ConfigurationException if the algorithm that is asked for cannot sum over ranks there
   */
  void checkHosts(List<String> hosts) {
    if (exchange() instanceof ExchangeSpec.Given given) {
      refuse(given.algorithm().reasonAgainst(hosts), "");
    }
  }

  private void refuse(Optional<String> reason, String remedy) {
    require(
        reason.isEmpty(),
        "sync.algorithm=%s cannot be used here. %s Set sync.algorithm=auto%s.",
        algorithm,
        reason.orElse(""),
        remedy);
  }
}
