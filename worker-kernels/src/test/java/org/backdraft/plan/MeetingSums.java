package org.backdraft.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.leaf.TreeSum;

/** Batch sums of workers that are threads of one JVM and meet for each of them. */
final class MeetingSums {
  private static final long MEET_SECONDS = 30;

  private final List<TreeSum.Addition> additions;
  private final float[][][] arrays;
  private final int[] lengths;
  private final CyclicBarrier met;
  private int meetings;

  /**
   * @param ranges of the workers' leaves
   */
  MeetingSums(Leaves leaves, List<LeafRange> ranges) {
    additions =
        TreeSum.plan(leaves, ranges.stream().flatMap(each -> each.subtrees().stream()).toList());
    arrays = new float[ranges.size()][][];
    lengths = new int[ranges.size()];
    met = new CyclicBarrier(ranges.size(), this::add);
  }

  /** For one worker. */
  BatchSums of(int rank) {
    return (sums, length, backward) -> {
      arrays[rank] = sums;
      lengths[rank] = length;
      try {
        met.await(MEET_SECONDS, TimeUnit.SECONDS);
      } catch (BrokenBarrierException | TimeoutException e) {
        throw new IllegalStateException("Worker " + rank + " must not be left alone.", e);
      }
    };
  }

  /** How often all have met. */
  int meetings() {
    return meetings;
  }

  /** Run by one thread while the others wait: leaves NaN where nothing of use may be. */
  private void add() {
    meetings++;
    int length = lengths[0];
    List<float[]> nodes = new ArrayList<>();
    for (int rank = 0; rank < arrays.length; rank++) {
      if (lengths[rank] != length) {
        throw new IllegalStateException("Lengths must be equal: " + Arrays.toString(lengths));
      }
      for (float[] each : arrays[rank]) {
        nodes.add(Arrays.copyOf(each, length));
      }
    }
    for (TreeSum.Addition addition : additions) {
      for (int i = 0; i < length; i++) {
        nodes.get(addition.target())[i] += nodes.get(addition.source())[i];
      }
    }
    for (float[][] each : arrays) {
      for (float[] node : each) {
        Arrays.fill(node, Float.NaN);
      }
      System.arraycopy(nodes.get(0), 0, each[0], 0, length);
    }
  }
}
