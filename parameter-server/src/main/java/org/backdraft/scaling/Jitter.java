package org.backdraft.scaling;

import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;

/**
 * By how much a rank's step takes longer or shorter than its mean: a factor that is drawn anew for
 * each rank and step from the log-normal distribution of mean 1 and a given coefficient of
 * variation c,
 *
 * <pre>
 *   exp(σ·z − σ²/2),  z standard normal,  σ² = ln(1 + c²)
 * </pre>
 *
 * <p>Log-normal since times are above 0 and what disturbs them (collectors, other tenants, the
 * scheduler) mostly makes them longer: the tail lies on the right. A rank that is always slow is
 * not in it.
 *
 * @param variation c, the standard deviation over the mean, in [0, 10]
 * @param seed of the counter-based random numbers: the same seed, the same factors
 */
public record Jitter(double variation, long seed) {
  /** No rank ever differs. */
  public static final Jitter NONE = new Jitter(0, 0);

  private static final double MOST = 10;

  public Jitter {
    Checks.argument(
        variation >= 0 && variation <= MOST,
        "A coefficient of variation must lie in [0, %s]: got %s.",
        MOST,
        variation);
  }

  /** The factor of a rank in a step. */
  public double factor(int rank, long step) {
    if (variation == 0) {
      return 1;
    }
    double variance = StrictMath.log1p(variation * variation);
    return StrictMath.exp(Math.sqrt(variance) * normal(rank, step) - variance / 2);
  }

  /** By the transform of Box and Muller 1958. */
  private double normal(int rank, long step) {
    long key = CounterRandom.key(seed, step, 0);
    double radius = Math.sqrt(-2 * StrictMath.log(uniform(key, rank, 0)));
    return radius * StrictMath.cos(2 * Math.PI * uniform(key, rank, 1));
  }

  /** In (0, 1), from all 32 bits. */
  private static double uniform(long key, int rank, int index) {
    return ((CounterRandom.bits(key, rank, index) & 0xFFFFFFFFL) + 0.5) * 0x1p-32;
  }
}
