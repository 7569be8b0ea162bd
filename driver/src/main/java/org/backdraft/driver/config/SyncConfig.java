package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.compression.Compression;
import org.backdraft.comm.transport.tcp.TcpEndpoint;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.sync.ExchangeSpec;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.ps.Consistency;

/**
 * How workers agree on the parameters: the section {@code sync} of {@link TrainingConfig}.
 *
 * @param strategy {@code allreduce} or {@code parameter-server}
 * @param consistency {@code bsp}, {@code ssp:S} or {@code async}
 * @param placement of the parameter server's shards: {@code executors} or {@code driver}
 * @param shards of the parameter server; 0 for one beside each worker, or one in the driver
 * @param algorithm of an all-reduce's sums, by its word, or {@code auto}
 * @param order {@code exact}: the bits do not depend on the number of workers; {@code fast}: they
 *     do
 * @param probe whether {@code auto} measures before the first step
 * @param bucketBytes the most gradients that workers send at once, while the backward pass goes on;
 *     0 to send all of them after it
 * @param connections between two workers of {@code allreduce}, over which long messages are spread
 * @param compression of gradients: {@code none}, {@code fp16}, {@code bf16}, {@code int8}, {@code
 *     topk:FRACTION} or {@code onebit}
 * @param averageEvery local SGD: workers update by their own gradients and average their parameters
 *     after so many steps, and at each epoch's end; 1 for an update by all gradients at each step
 * @param averageOptimizer whether the optimizer's state is averaged with them; else each worker
 *     keeps its own
 * @param tls whether connections are encrypted: {@code true}, {@code false}, or {@code auto} to
 *     follow the cluster
 * @param timeoutSeconds how long the driver may hear nothing of a worker before it is given up
 * @param stepTimeoutSeconds how long a worker waits for its peers within a step; above the largest
 *     difference between fast and slow workers, compiling of the first step included
 * @param leases how work is handed out unless all take every step together
 */
public record SyncConfig(
    @JsonProperty("strategy") String strategy,
    @JsonProperty("consistency") String consistency,
    @JsonProperty("placement") String placement,
    @JsonProperty("shards") int shards,
    @JsonProperty("algorithm") String algorithm,
    @JsonProperty("order") String order,
    @JsonProperty("probe") boolean probe,
    @JsonProperty("bucket-bytes") int bucketBytes,
    @JsonProperty("connections") int connections,
    @JsonProperty("compression") String compression,
    @JsonProperty("average-every") int averageEvery,
    @JsonProperty("average-optimizer") boolean averageOptimizer,
    @JsonProperty("tls") String tls,
    @JsonProperty("timeout-seconds") int timeoutSeconds,
    @JsonProperty("step-timeout-seconds") int stepTimeoutSeconds,
    @JsonProperty("leases") LeaseConfig leases) {
  /** 4 MiB: a network of that size overlaps little, and one of 100 MiB has 25 of them. */
  private static final int DEFAULT_BUCKET_BYTES = 4 << 20;

  /** The value of {@code algorithm} and {@code tls} that leaves the choice to us. */
  public static final String AUTO = "auto";

  private static final String FAST = "fast";
  private static final String ALL_REDUCE = "allreduce";
  private static final String PARAMETER_SERVER = "parameter-server";
  private static final String EXECUTORS = "executors";
  private static final String DRIVER = "driver";
  private static final int MOST_SHARDS = 1024;

  /** So often at least; a run tells of its steps when it averages. */
  private static final int MOST_STEPS = 10_000;

  public SyncConfig {
    ConfigChecks.requireOneOf("sync.strategy", strategy, List.of(ALL_REDUCE, PARAMETER_SERVER));
    require(consistency != null, "sync.consistency must be given.");
    String wanted = consistency;
    Consistency.Mode mode = checked(() -> Consistency.parse(wanted)).mode();
    ConfigChecks.requireOneOf("sync.placement", placement, List.of(EXECUTORS, DRIVER));
    require(
        shards >= 0 && shards <= MOST_SHARDS,
        "sync.shards must lie in [0, %d], 0 for the default: got %d.",
        MOST_SHARDS,
        shards);
    boolean server = strategy.equals(PARAMETER_SERVER);
    require(
        server || mode == Consistency.Mode.BSP,
        "sync.consistency must be bsp with sync.strategy=%s: got '%s'. Set sync.strategy=%s.",
        ALL_REDUCE,
        consistency,
        PARAMETER_SERVER);
    require(
        server || (placement.equals(EXECUTORS) && shards == 0),
        "sync.placement and sync.shards are of sync.strategy=%s: got %s and %d with %s.",
        PARAMETER_SERVER,
        placement,
        shards,
        strategy);
    require(leases != null, "sync.leases must be given.");
    require(
        mode != Consistency.Mode.BSP || leases.perBatch() == 0,
        "sync.leases.per-batch is of sync.consistency=ssp:S and async: got %d with %s.",
        leases.perBatch(),
        consistency);
    require(
        timeoutSeconds >= 1 && timeoutSeconds <= 3600,
        "sync.timeout-seconds must lie in [1, 3600]: got %d.",
        timeoutSeconds);
    require(
        stepTimeoutSeconds >= 1 && stepTimeoutSeconds <= 3600,
        "sync.step-timeout-seconds must lie in [1, 3600]: got %d.",
        stepTimeoutSeconds);
    ConfigChecks.requireOneOf("sync.algorithm", algorithm, algorithms());
    ConfigChecks.requireOneOf("sync.order", order, List.of("exact", FAST));
    ConfigChecks.requireOneOf("sync.tls", tls, List.of(AUTO, "true", "false"));
    require(
        !order.equals(FAST) || algorithm.equals(AUTO),
        "sync.algorithm must be auto with sync.order=fast, which sums in a ring: got %s. Set"
            + " sync.order=exact to use it.",
        algorithm);
    require(
        !server || (algorithm.equals(AUTO) && !order.equals(FAST)),
        "sync.algorithm and sync.order are of sync.strategy=%s: got %s and %s with %s.",
        ALL_REDUCE,
        algorithm,
        order,
        strategy);
    require(
        bucketBytes >= 0,
        "sync.bucket-bytes must be at least 0: got %d. Set 0 to send all gradients at once.",
        bucketBytes);
    require(
        connections >= 1 && connections <= TcpEndpoint.MOST_LANES,
        "sync.connections must lie in [1, %d]: got %d.",
        TcpEndpoint.MOST_LANES,
        connections);
    require(
        !server || connections == 1,
        "sync.connections is of sync.strategy=%s: got %d with %s.",
        ALL_REDUCE,
        connections,
        strategy);
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

  /** Exact all-reduce, by a measurement; a worker that is silent for 10 s is given up. */
  public static SyncConfig defaults() {
    return new SyncConfig(
        ALL_REDUCE,
        "bsp",
        EXECUTORS,
        0,
        AUTO,
        "exact",
        true,
        DEFAULT_BUCKET_BYTES,
        1,
        "none",
        1,
        false,
        AUTO,
        10,
        60,
        LeaseConfig.defaults());
  }

  /** Whether parameters live in shards. */
  public boolean hasServer() {
    return strategy.equals(PARAMETER_SERVER);
  }

  /** Whether another run of the same configuration, on as many workers, gives the same bits. */
  public boolean isReproducible() {
    return !isLeased();
  }

  /**
   * Whether the result is the same, bit for bit, for any number of workers: all take every step
   * together, by sums in the order of the tree, neither compressed nor averaged.
   */
  public boolean isExact() {
    return compression(compression).isNone()
        && averageEvery == 1
        && !order.equals(FAST)
        && !isLeased();
  }

  /** Whether workers take leases one by one, instead of steps together. */
  boolean isLeased() {
    return Consistency.parse(consistency).mode() != Consistency.Mode.BSP;
  }

  /**
   * What a gang needs to know of it.
   *
   * @param workers of the gang
   * @throws ConfigurationException if there are not enough of them for the shards
   */
  public SyncSpec spec(int workers) {
    if (strategy.equals(ALL_REDUCE)) {
      return new SyncSpec(
          averageEvery == 1 ? SyncSpec.Strategy.ALL_REDUCE : SyncSpec.Strategy.LOCAL_SGD,
          new Consistency(Consistency.Mode.BSP, 0),
          SyncSpec.Placement.EXECUTORS,
          0,
          exchange(),
          bucketBytes,
          economy());
    }
    boolean beside = placement.equals(EXECUTORS);
    require(
        !beside || shards <= workers,
        "sync.shards must be at most the number of workers (%d) with sync.placement=%s: got %d.",
        workers,
        EXECUTORS,
        shards);
    int count = shards > 0 ? shards : beside ? workers : 1;
    return new SyncSpec(
        SyncSpec.Strategy.PARAMETER_SERVER,
        Consistency.parse(consistency),
        beside ? SyncSpec.Placement.EXECUTORS : SyncSpec.Placement.DRIVER,
        count,
        exchange(),
        bucketBytes,
        economy());
  }

  private SyncSpec.Economy economy() {
    return new SyncSpec.Economy(compression(compression), averageEvery, averageOptimizer);
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
  public void checkHosts(List<String> hosts) {
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
