package org.backdraft.scaling;

/**
 * What the exchange of a step waits for on the side that computes, as numbers for tables. With B
 * buckets: bucket k is final, k in [0, B); the passes are over, B; the rank has updated what it
 * owns of bucket k and of those behind it, B + 1 + k.
 */
final class Gate {
  private Gate() {}

  static int ready(int bucket) {
    return bucket;
  }

  static int passOver(int buckets) {
    return buckets;
  }

  static int updated(int bucket, int buckets) {
    return buckets + 1 + bucket;
  }
}
