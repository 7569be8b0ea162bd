package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.backdraft.leaf.Leaves;
import org.backdraft.optim.Clipping;

/**
 * How long, how and by how many workers a network is trained: the section {@code train}.
 *
 * @param epochs passes over the data, at least 1
 * @param steps stop after this many steps; 0 for no limit
 * @param leaves V; 0 for the default that follows from the batch
 * @param accumulate into how many pieces, at least, each worker's part of a batch is cut, to be
 *     computed one after the other: gradients accumulate, in memory for one piece; at most the
 *     leaves that a worker has
 * @param workers 0 for one locally, one per executor on a cluster
 * @param threads per worker; 0 for cores / workers locally, the executor's cores on a cluster
 * @param target validation accuracy that the run must reach, and at which it stops; 0 for none
 * @param clip bound of the gradient's norm, 0 for none; see {@link Clipping}
 * @param clipValue bound of each element of the gradient, 0 for none
 * @param restarts of all workers within ten minutes, after one was lost or has failed; 0 for none
 * @param freeze patterns of names of parameters and buffers that are not trained, with commas
 *     between them; empty for none
 * @param driftCheck after so many steps workers compare their weights; 0 for never
 * @param average of weights that is validated and kept
 * @param nonFinite what becomes of a step whose numbers are not finite
 * @param divergence when a loss counts as diverged
 */
public record TrainConfig(
    @JsonProperty("epochs") int epochs,
    @JsonProperty("steps") long steps,
    @JsonProperty("leaves") int leaves,
    @JsonProperty("accumulate") int accumulate,
    @JsonProperty("workers") int workers,
    @JsonProperty("threads") int threads,
    @JsonProperty("seed") long seed,
    @JsonProperty("target") double target,
    @JsonProperty("clip") float clip,
    @JsonProperty("clip-value") float clipValue,
    @JsonProperty("restarts") int restarts,
    @JsonProperty("freeze") String freeze,
    @JsonProperty("drift-check") long driftCheck,
    @JsonProperty("average") AveragingConfig average,
    @JsonProperty("non-finite") NonFiniteConfig nonFinite,
    @JsonProperty("divergence") DivergenceConfig divergence) {
  public TrainConfig {
    require(epochs >= 1, "train.epochs must be at least 1: got %d.", epochs);
    require(steps >= 0, "train.steps must be at least 0 (no limit): got %d.", steps);
    require(
        leaves >= 0 && leaves <= Leaves.MAX && (leaves == 0 || Integer.bitCount(leaves) == 1),
        "train.leaves must be a power of two in [1, %d], or 0 for the default: got %d.",
        Leaves.MAX,
        leaves);
    require(
        accumulate >= 1 && (leaves == 0 || accumulate <= leaves),
        "train.accumulate must be at least 1, and at most the number of leaves: got %d.",
        accumulate);
    require(workers >= 0, "train.workers must be at least 0 (the default): got %d.", workers);
    require(threads >= 0, "train.threads must be at least 0 (the default): got %d.", threads);
    require(
        target >= 0 && target <= 1,
        "train.target must be an accuracy in [0, 1], 0 for none: got %s.",
        target);
    require(restarts >= 0, "train.restarts must be at least 0: got %d.", restarts);
    require(freeze != null, "train.freeze must be patterns of names, or empty for none.");
    require(average != null, "train.average must be given.");
    require(nonFinite != null, "train.non-finite must be given.");
    require(divergence != null, "train.divergence must be given.");
    require(driftCheck >= 0, "train.drift-check must be at least 0: got %d.", driftCheck);
    Clipping unused = checked(() -> new Clipping(clip, clipValue));
  }

  /** How gradients are bounded. */
  public Clipping clipping() {
    return new Clipping(clip, clipValue);
  }
}
