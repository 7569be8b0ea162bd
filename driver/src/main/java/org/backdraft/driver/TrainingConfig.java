package org.backdraft.driver;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Everything that decides the result of a run, and where it runs; the effective configuration that
 * is written to {@code config.yaml}. Each section checks itself; messages name the configuration
 * key.
 */
public record TrainingConfig(
    String model,
    String init,
    String loss,
    Data data,
    Optimization optimizer,
    Schedule schedule,
    Train train,
    Sync sync) {

  /**
   * @param train URI of the training set
   * @param val URI of the validation set; null for the format's own test split
   * @param validation fraction of the training set that is cut off for validation, in [0, 1)
   * @param batch examples of a <em>global</em> batch
   * @param shuffle whether each epoch has its own order; false keeps the source's order
   * @param normalize {@code unit} (x / 255), {@code standard} (zero mean, unit variance per
   *     channel), or {@code mean:std} lists
   * @param blockBytes about how many encoded bytes a record block holds
   * @param cacheBytes encoded bytes that a worker keeps at hand, fetched blocks included
   */
  public record Data(
      @JsonProperty("train") String train,
      @JsonProperty("val") String val,
      @JsonProperty("validation") double validation,
      @JsonProperty("batch") int batch,
      @JsonProperty("shuffle") boolean shuffle,
      @JsonProperty("normalize") String normalize,
      @JsonProperty("block-bytes") long blockBytes,
      @JsonProperty("cache-bytes") long cacheBytes) {}

  /** The optimiser: {@code sgd} (with momentum, nesterov) or {@code adam}. */
  public record Optimization(
      @JsonProperty("name") String name,
      @JsonProperty("lr") float learningRate,
      @JsonProperty("momentum") float momentum,
      @JsonProperty("nesterov") boolean nesterov,
      @JsonProperty("weight-decay") float weightDecay,
      @JsonProperty("beta1") float beta1,
      @JsonProperty("beta2") float beta2,
      @JsonProperty("epsilon") float epsilon) {}

  /**
   * @param name {@code constant}, {@code step} or {@code cosine}
   * @param every epochs between two drops of {@code step}
   * @param factor of each drop
   */
  public record Schedule(
      @JsonProperty("name") String name,
      @JsonProperty("every") int every,
      @JsonProperty("factor") float factor) {}

  /**
   * @param epochs passes over the data, at least 1
   * @param steps stop after this many steps; 0 for no limit
   * @param leaves V; 0 for the default that follows from the batch
   * @param workers 0 for one locally, one per executor on a cluster
   * @param threads per worker; 0 for cores / workers locally, the executor's cores on a cluster
   * @param target validation accuracy that the run must reach; 0 for none
   */
  public record Train(
      @JsonProperty("epochs") int epochs,
      @JsonProperty("steps") long steps,
      @JsonProperty("leaves") int leaves,
      @JsonProperty("workers") int workers,
      @JsonProperty("threads") int threads,
      @JsonProperty("seed") long seed,
      @JsonProperty("target") double target) {}

  /**
   * @param strategy {@code allreduce}
   * @param timeoutSeconds deadline of every wait between workers
   */
  public record Sync(
      @JsonProperty("strategy") String strategy,
      @JsonProperty("timeout-seconds") int timeoutSeconds) {}
}
