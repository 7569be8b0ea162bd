package org.backdraft.comm.transport;

import java.util.Arrays;

/**
 * The sends, or the receives, that were posted for one peer and are not done: a queue of ranges of
 * arrays, first in, first out. For implementations of {@link Transport}; grows where it must, then
 * allocates nothing. Not safe for several threads.
 */
public final class PostedRanges {
  private float[][] arrays = new float[8][];
  private int[] begins = new int[8];
  private int[] ends = new int[8];
  private long[] steps = new long[8];
  private int head;
  private int size;

  public boolean isEmpty() {
    return size == 0;
  }

  /** Appends {@code array[begin, end)}. */
  public void add(long step, float[] array, int begin, int end) {
    if (size == arrays.length) {
      grow();
    }
    int slot = (head + size) & (arrays.length - 1);
    arrays[slot] = array;
    begins[slot] = begin;
    ends[slot] = end;
    steps[slot] = step;
    size++;
  }

  /** The array of the oldest range. */
  public float[] array() {
    return arrays[head];
  }

  public int begin() {
    return begins[head];
  }

  public int end() {
    return ends[head];
  }

  public long step() {
    return steps[head];
  }

  /** Moves the begin of the oldest range to {@code begin}, behind what is done. */
  public void advanceTo(int begin) {
    begins[head] = begin;
  }

  /** Drops the oldest range, and the reference to its array. */
  public void remove() {
    arrays[head] = null;
    head = (head + 1) & (arrays.length - 1);
    size--;
  }

  /**
   * Refuses what no rank may post.
   *
   * @throws IllegalArgumentException if the peer is no other rank of the gang or the range does not
   *     lie in the array
   */
  public static void check(int peer, int rank, int worldSize, float[] array, int begin, int end) {
    // Not Checks.argument: its variable arguments would allocate at each post.
    if (peer < 0 || peer >= worldSize || peer == rank) {
      throw new IllegalArgumentException(
          "A peer must be another rank in [0, %d): got %d at rank %d."
              .formatted(worldSize, peer, rank));
    }
    if (begin < 0 || begin > end || end > array.length) {
      throw new IllegalArgumentException(
          "A posted range must lie in its array: got [%d, %d) of %d elements."
              .formatted(begin, end, array.length));
    }
  }

  private void grow() {
    int capacity = arrays.length;
    float[][] grownArrays = new float[2 * capacity][];
    for (int i = 0; i < size; i++) {
      grownArrays[i] = arrays[(head + i) & (capacity - 1)];
    }
    begins = unrolled(begins);
    ends = unrolled(ends);
    long[] grownSteps = Arrays.copyOf(steps, 2 * capacity);
    for (int i = 0; i < size; i++) {
      grownSteps[i] = steps[(head + i) & (capacity - 1)];
    }
    arrays = grownArrays;
    steps = grownSteps;
    head = 0;
  }

  private int[] unrolled(int[] ring) {
    int[] grown = new int[2 * ring.length];
    for (int i = 0; i < size; i++) {
      grown[i] = ring[(head + i) & (ring.length - 1)];
    }
    return grown;
  }
}
