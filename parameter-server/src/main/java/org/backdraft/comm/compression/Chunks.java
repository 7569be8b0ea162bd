package org.backdraft.comm.compression;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;

/**
 * What each rank owns of a range, up to where compression ends; kept, since a training step asks
 * for the same few ranges again and again.
 */
final class Chunks {
  private final int begin;
  private final int end;
  private final int border;
  private final int[] from;
  private final int[] to;
  private final int longest;

  private Chunks(Collectives owners, int worldSize, int begin, int end, int border) {
    this.begin = begin;
    this.end = end;
    this.border = border;
    from = new int[worldSize];
    to = new int[worldSize];
    int most = 0;
    for (int rank = 0; rank < worldSize; rank++) {
      ElementRange owned = owners.owned(rank, begin, end);
      from[rank] = Math.min(border, owned.begin());
      to[rank] = Math.min(border, owned.end());
      most = Math.max(most, to[rank] - from[rank]);
    }
    longest = most;
  }

  int from(int rank) {
    return from[rank];
  }

  int to(int rank) {
    return to[rank];
  }

  /** Elements of the longest chunk. */
  int longest() {
    return longest;
  }

  /** The chunks of all ranges that were asked for. */
  static final class Known {
    private final Collectives owners;
    private final int worldSize;
    private final List<Chunks> known = new ArrayList<>();

    Known(Collectives owners, int worldSize) {
      this.owners = owners;
      this.worldSize = worldSize;
    }

    Chunks of(int begin, int end, int border) {
      for (int i = 0; i < known.size(); i++) {
        Chunks each = known.get(i);
        if (each.begin == begin && each.end == end && each.border == border) {
          return each;
        }
      }
      Chunks chunks = new Chunks(owners, worldSize, begin, end, border);
      known.add(chunks);
      return chunks;
    }
  }
}
