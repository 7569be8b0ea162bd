package org.backdraft.driver.sync;

import java.util.Arrays;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankContext;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.OwnedParameters;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.plan.Replica;

/**
 * What the ranks of a gang exchange in a step of {@code allreduce}, one operation at a time. All
 * ranks call the same in the same order.
 *
 * <p>Used by one thread at a time. Allocates nothing, once every operation has run.
 */
final class GangExchange {
  private final boolean isAlone;
  private final Collectives collectives;
  private final Collectives exact;
  private final Buckets buckets;
  private final Leaves leaves;
  private final ReductionLayout layout;
  private final float[][] sums;
  private final float[] parameters;
  private final OwnedParameters owned;
  private final RangeCheck check;
  private float[][] shared = {};
  private boolean isFinite = true; // of what this rank owns, in this step

  /** Looks whether all of a range is finite; on the thread that exchanges. */
  interface RangeCheck {
    boolean isFinite(float[] values, int begin, int end);
  }

  /**
   * @param collectives of gradients and parameters
   * @param exact of the same ranks, for what may lose no bit
   * @param owned what this rank owns of each bucket
   * @param check by the replica's team where the thread that computes exchanges
   */
  GangExchange(
      Replica replica,
      Collectives collectives,
      Collectives exact,
      RankContext context,
      Buckets buckets,
      OwnedParameters owned,
      RangeCheck check) {
    this.check = check;
    this.exact = exact;
    isAlone = context.worldSize() == 1;
    this.collectives = collectives;
    this.buckets = buckets;
    this.owned = owned;
    leaves = replica.plan().request().leaves();
    layout = replica.plan().reduction();
    sums = replica.sums();
    parameters = replica.parameters();
  }

  /** Sums the gradients of a bucket for those who own them. */
  void reduceScatter(int bucket, long step) throws CollectiveException {
    collectives.reduceScatter(leaves, sums, buckets.begin(bucket), buckets.end(bucket), step);
    // While it is in the processor's caches; the ranks' findings travel with the loss.
    isFinite &= check.isFinite(sums[0], owned.begin(bucket), owned.end(bucket));
  }

  /** Sums what a pass needs to go on, as {@link org.backdraft.plan.BatchSums} says. */
  void add(float[][] batchSums, int length, long step) throws CollectiveException {
    if (!isAlone) {
      exact.allReduce(leaves, batchSums, 0, length, step);
    }
  }

  /**
   * Sums what follows the gradients, statistics and loss, for all ranks, and with it whether all of
   * that and all summed gradients are finite.
   */
  void allReduceTail(long step) throws CollectiveException {
    float[] sum = sums[0];
    sum[layout.nonFiniteIndex()] = isFinite ? 0 : 1;
    isFinite = true;
    exact.allReduce(leaves, sums, layout.parameters(), layout.size(), step);
    if (!check.isFinite(sum, layout.statisticsBegin(), layout.lossIndex())) {
      sum[layout.nonFiniteIndex()] = 1; // as all ranks find
    }
  }

  /** Hands the new parameters of a bucket to all ranks. */
  void allGather(int bucket, long step) throws CollectiveException {
    collectives.allGather(parameters, buckets.begin(bucket), buckets.end(bucket), step);
  }

  /**
   * Makes sums over blocks known to all ranks, as {@link org.backdraft.plan.UpdatePeers#share}
   * says. The bits of a number travel as four small whole numbers, which floats hold exactly; they
   * are summed over the ranks, of which all but the block's owner add 0, so no rounding touches
   * them.
   */
  void share(double[][] blockSums, long step) throws CollectiveException {
    if (isAlone) {
      return;
    }
    int length = 0;
    for (double[] kind : blockSums) {
      length += BlockSumsCode.FLOATS * kind.length;
    }
    if (shared.length == 0 || shared[0].length < length) {
      shared = new float[sums.length][length];
    }
    for (int node = 1; node < shared.length; node++) {
      Arrays.fill(shared[node], 0, length, 0);
    }
    BlockSumsCode.encode(blockSums, shared[0]);
    exact.allReduce(leaves, shared, 0, length, step);
    BlockSumsCode.decode(shared[0], blockSums);
  }
}
