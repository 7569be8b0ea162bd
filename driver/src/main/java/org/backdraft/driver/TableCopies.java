package org.backdraft.driver;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.backdraft.driver.control.ShardErrand;
import org.backdraft.driver.control.ShardNews;
import org.backdraft.ps.ShardSnapshot;
import org.backdraft.ps.ShardSnapshot.BlockImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last copy of a whole table, all shards at one clock, and the next one as its blocks come.
 * Used by one thread.
 */
final class TableCopies {
  private static final Logger LOG = LoggerFactory.getLogger(TableCopies.class);

  private final int blocks;
  private final int every;
  private final Duration timeout;
  private final TreeMap<Integer, Long> clocks = new TreeMap<>(); // of workers that are there

  // The last copy.
  private BlockImage[] images;
  private long[] imageClocks;
  private long imageClock;
  private long completed;

  // The next one, null where none is being taken.
  private ShardErrand.Snapshot order;
  private final Map<Integer, BlockImage> coming = new TreeMap<>(); // by block
  private final Set<Integer> awaited = new TreeSet<>(); // ranks
  private long[] comingClocks;
  private long comingCompleted;
  private long orderedNanos;
  private boolean isWanted;
  private long widestLead;

  /**
   * @param first copies of all blocks
   * @param workers of the run
   * @param every how many leases a worker may complete between two copies, about
   * @param timeout how long a copy may take
   */
  TableCopies(Collection<ShardSnapshot> first, int workers, int every, Duration timeout) {
    this.every = every;
    this.timeout = timeout;
    blocks = first.stream().mapToInt(each -> each.blocks().size()).sum();
    images = new BlockImage[blocks];
    for (ShardSnapshot shard : first) {
      for (BlockImage each : shard.blocks()) {
        images[each.block()] = each;
      }
    }
    imageClocks = new long[workers];
  }

  /** A block of the last copy. */
  BlockImage block(int number) {
    return images[number];
  }

  /** The clock of the last copy. */
  long clock() {
    return imageClock;
  }

  /** By rank: the leases it had completed in the last copy. */
  long[] clocks() {
    return imageClocks.clone();
  }

  /** How many leases of the run were completed when the last copy was asked for. */
  long completed() {
    return completed;
  }

  /** The last copy is all that there is, at so many completed leases. */
  void rebase(long completedNow) {
    completed = completedNow;
  }

  /** A worker has completed so many leases. */
  void advance(int rank, long clock) {
    clocks.put(rank, clock);
  }

  /** A worker is gone. */
  void forget(int rank) {
    clocks.remove(rank);
  }

  /**
   * What is to be asked of those that keep shards, where a copy is due: each worker has completed
   * so many leases since the last, or the last ones of the run are done.
   *
   * @param keepers ranks
   */
  Optional<ShardErrand.Snapshot> due(
      int epoch, Set<Integer> keepers, long completedNow, long nowNanos) {
    if (order != null && nowNanos - orderedNanos > 2 * timeout.toNanos()) {
      abandon();
    }
    long since = completedNow - completed;
    boolean isDue = since >= (long) every * Math.max(1, clocks.size()) || (isWanted && since > 0);
    if (order != null || !isDue) {
      return Optional.empty();
    }
    long least = clocks.values().stream().mapToLong(Long::longValue).min().orElse(0);
    order = new ShardErrand.Snapshot(epoch, least + 1, timeout.toMillis());
    orderedNanos = nowNanos;
    comingCompleted = completedNow;
    coming.clear();
    awaited.clear();
    awaited.addAll(keepers);
    comingClocks = new long[imageClocks.length];
    Arrays.fill(comingClocks, Long.MAX_VALUE);
    return Optional.of(order);
  }

  /** Takes what a worker that keeps shards says of the copy that was asked for. */
  void hear(int rank, ShardNews news) {
    if (order == null || !awaited.contains(rank)) {
      return; // of a copy that was given up
    }
    if (news instanceof ShardErrand.Image image) {
      if (image.epoch() == order.epoch()) {
        coming.put(image.block().block(), image.block());
      }
    } else if (news instanceof ShardNews.Taken taken
        && taken.epoch() == order.epoch()
        && taken.clock() == order.clock()) {
      widestLead = Math.max(widestLead, taken.widestLead());
      if (!taken.complete()) {
        abandon();
        return;
      }
      for (int worker = 0; worker < comingClocks.length; worker++) {
        comingClocks[worker] = Math.min(comingClocks[worker], taken.clocks()[worker]);
      }
      awaited.remove(rank);
      if (awaited.isEmpty()) {
        keep();
      }
    }
  }

  private void keep() {
    if (coming.size() != blocks) {
      LOG.warn("A copy of the table must have {} blocks: {} came.", blocks, coming.size());
      abandon();
      return;
    }
    images = coming.values().toArray(BlockImage[]::new);
    imageClocks = comingClocks;
    imageClock = order.clock();
    completed = comingCompleted;
    order = null;
    LOG.debug("The table was copied at clock {}, {} leases done.", imageClock, completed);
  }

  /** Gives up the copy that is being taken. */
  void abandon() {
    order = null;
  }

  /** Whether the last copy holds all of so many leases; until it does, that is wanted. */
  boolean holdsAll(long completedInAll) {
    isWanted = completed != completedInAll;
    return !isWanted;
  }

  long widestLead() {
    return widestLead;
  }
}
