package org.backdraft.driver;

import java.util.Optional;
import java.util.function.Consumer;
import org.backdraft.driver.LeaseRoster.Seat;
import org.backdraft.driver.control.ShardNews;
import org.backdraft.driver.control.ShardTable;
import org.backdraft.ps.ShardSnapshot.BlockImage;

/**
 * The shards of a run by leases, as the driver deals with them. Used by one thread. Times are
 * {@link System#nanoTime} of the caller; what is completed are training leases of the run.
 */
interface LeaseShards extends AutoCloseable {
  /** Where workers find the shards; empty while there is no such place. */
  Optional<ShardTable> table();

  /** A start of a worker is there. */
  void join(Seat seat, long nowNanos);

  /**
   * A start of a worker is gone: what it still pushes is to be refused, and what it kept to be
   * restored.
   */
  void lose(Seat seat, long completed, long nowNanos);

  /** A worker has completed so many leases, as the shards count. */
  void advance(Seat seat, long clock);

  /** What a worker says that keeps shards. */
  void hear(Seat seat, ShardNews news);

  /** Does what is due. */
  void tend(long completed, long nowNanos);

  /** A worker that has not done in time what the shards need of it. */
  Optional<Seat> late(long nowNanos);

  /**
   * Gives all blocks of the shards while nobody trains; false, and none, as long as they are on
   * their way.
   *
   * @param taker may keep the blocks, and changes nothing of them
   */
  boolean copyTo(Consumer<BlockImage> taker, long completed);

  /** Leases whose update was applied and is in no shard any more; the most that they can be. */
  long lostUpdates();

  /** By how many leases a worker was ever ahead of the slowest one. */
  long widestLead();

  @Override
  void close();
}
