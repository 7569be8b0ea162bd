package org.backdraft.comm.algorithm;

/**
 * Which rank owns which elements of a range. Every element has one owner; a rank's elements are
 * contiguous, and all that depends on the arguments alone.
 */
interface Ownership {
  /** The first element of {@code [begin, end)} that {@code rank} owns. */
  int begin(int rank, int begin, int end);

  /** One past the last element of {@code [begin, end)} that {@code rank} owns. */
  int end(int rank, int begin, int end);
}
