package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.backdraft.driver.control.LeaseClient;
import org.backdraft.driver.control.ShardTable;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.ps.ClientSettings;
import org.backdraft.ps.ParameterClient;
import org.backdraft.ps.ShardException;

/**
 * A worker's connection to the shards as they are now: where some were lost, to those that took
 * their place. Used by the worker's thread.
 */
final class ShardLink implements AutoCloseable {
  private final WorkerTask.Leased task;
  private final WorkerPlace place;
  private final LeaseClient leases;
  private ParameterClient client; // null where it could not connect
  private int epoch = -1;

  ShardLink(WorkerTask.Leased task, WorkerPlace place, LeaseClient leases) {
    this.task = task;
    this.place = place;
    this.leases = leases;
  }

  /** The client of the newest table. */
  ParameterClient client() throws ShardException {
    ShardTable table = leases.table();
    if (client == null || epoch != table.epoch()) {
      close();
      epoch = table.epoch();
      client =
          new ParameterClient(
              task.table().planOf(epoch),
              place.rank(),
              place.start(),
              ShardChannels.open(
                  task.gang(),
                  place.rank(),
                  epoch,
                  table.shards(),
                  Duration.ofMillis(task.gang().silenceTimeoutMillis())),
              ClientSettings.of(Duration.ofMillis(task.leases().pullMillis())));
    }
    return client;
  }

  /** Whether a newer table is known than the one that is connected. */
  boolean isStale() {
    return client == null || epoch != leases.table().epoch();
  }

  /**
   * Waits for the table that follows one which failed.
   *
   * @return false where there is no more work
   * @throws ShardException the failure, where none comes in time
   */
  boolean renew(ShardException failure) throws IOException, InterruptedException {
    close();
    if (task.train().sync().placement() == SyncSpec.Placement.DRIVER) {
      throw failure; // those shards have no other place
    }
    long startNanos = System.nanoTime();
    if (leases.awaitTable(epoch, task.leases().pullMillis())) {
      return true;
    }
    if (leases.isEnded()) {
      return false;
    }
    failure.addSuppressed(
        new IOException(
            "No other shards in their place within %d s."
                .formatted(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos))));
    throw failure;
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
