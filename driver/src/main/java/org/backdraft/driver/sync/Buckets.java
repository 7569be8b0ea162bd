package org.backdraft.driver.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.plan.OwnedParameters;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * The parameters whose gradients are sent together: runs of whole {@linkplain ParameterBlocks
 * blocks}, those of the last layers first, which is the order in which a backward pass makes their
 * sums final. A function of the network and of {@code sync.bucket-bytes} alone, so all ranks have
 * the same. Immutable.
 */
public final class Buckets {
  private final ParameterBlocks blocks;
  private final List<ElementRange> ranges;

  private Buckets(ParameterBlocks blocks, List<ElementRange> ranges) {
    this.blocks = blocks;
    this.ranges = List.copyOf(ranges);
  }

  /**
   * @param bucketBytes the most that a bucket may hold, though it holds a block at least; 0 for one
   *     bucket of all parameters
   */
  public static Buckets of(ParameterBlocks blocks, int bucketBytes) {
    Checks.argument(bucketBytes >= 0, "A bucket must hold >= 0 bytes: got %d.", bucketBytes);
    long most = bucketBytes == 0 ? Long.MAX_VALUE : bucketBytes / Float.BYTES;
    List<ElementRange> ranges = new ArrayList<>();
    int end = blocks.count();
    while (end > 0) {
      int first = end - 1;
      while (first > 0 && blocks.end(end - 1) - blocks.begin(first - 1) <= most) {
        first--;
      }
      ranges.add(new ElementRange(blocks.begin(first), blocks.end(end - 1)));
      end = first;
    }
    return new Buckets(blocks, ranges);
  }

  /** How many there are; 0 where there are no parameters. */
  public int count() {
    return ranges.size();
  }

  /** The first parameter of a bucket. */
  public int begin(int bucket) {
    return ranges.get(bucket).begin();
  }

  /** One past the last parameter of a bucket. */
  public int end(int bucket) {
    return ranges.get(bucket).end();
  }

  /** Up to which parameters they reach that are handed out together, first layers first. */
  int[] ends() {
    return IntStream.range(0, count()).map(i -> end(count() - 1 - i)).toArray();
  }

  /** What a rank owns of each bucket, in their order. */
  OwnedParameters owned(Collectives collectives, int rank) {
    int[] begins = new int[count()];
    int[] ends = new int[count()];
    for (int bucket = 0; bucket < count(); bucket++) {
      ElementRange mine = collectives.owned(rank, begin(bucket), end(bucket));
      begins[bucket] = mine.begin();
      ends[bucket] = mine.end();
    }
    return new OwnedParameters(blocks, begins, ends);
  }

  /**
   * The most parameters that one of {@code workers} ranks owns, whichever way they are dealt out:
   * an even part of each bucket, and a block, since a chunk begins and ends at most half a block
   * from where an even deal would have it.
   */
  public int mostOwned(int workers) {
    long most = 0;
    for (ElementRange bucket : ranges) {
      long even = (bucket.size() + workers - 1L) / workers;
      long rounding = workers == 1 ? 0 : ParameterBlocks.SIZE;
      most += Math.min(bucket.size(), even + rounding);
    }
    return Math.toIntExact(most);
  }
}
